using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>A local server that speaks OpenAI's chat protocol and answers what a test tells it to.</summary>
public sealed class FakeChatServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<FakeChatRequest, FakeChatReply> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private readonly List<FakeChatRequest> _requests = [];

    /// <summary>Starts on a free port of this machine.</summary>
    /// <param name="answer">Called for each request, in turn.</param>
    public FakeChatServer(Func<FakeChatRequest, FakeChatReply> answer)
    {
        _answer = answer;
        (_listener, Address) = Listen();
        _work = Task.Run(ServeAsync);
    }

    /// <summary>Where it answers; without a path.</summary>
    public string Address { get; }

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<FakeChatRequest> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Close();
        _work.Wait(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    // Another process can take the free port before it is opened here.
    private static (HttpListener Listener, string Address) Listen()
    {
        for (var trial = 1; ; trial++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://localhost:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (trial < 10)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.InputStream).ConfigureAwait(false);
            var request = new FakeChatRequest(
                context.Request.Url!.AbsolutePath,
                context.Request.Headers["Authorization"],
                document.RootElement.Clone()
            );
            FakeChatReply reply;
            lock (_requests)
            {
                _requests.Add(request);
                reply = _answer(request);
            }

            await Task.Delay(reply.Delay, _stop.Token).ConfigureAwait(false);
            context.Response.StatusCode = reply.Status;
            context.Response.ContentType = reply.Streams(request) ? "text/event-stream" : "application/json";
            await context
                .Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(reply.Body(request)))
                .ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception error)
            when (error is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException
            )
        {
            context.Response.Abort();
        }
    }
}
