using System.Net;
using System.Net.Sockets;

namespace Palimpsest.TestKit;

/// <summary>An HTTP listener on a free port of this machine that hands every request to a test.</summary>
public sealed class LocalListener : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<HttpListenerContext, Task> _answer;
    private readonly Task _work;

    /// <summary>Starts listening.</summary>
    /// <param name="answer">Answers one request; several run at once.</param>
    public LocalListener(Func<HttpListenerContext, Task> answer)
    {
        _answer = answer;
        (_listener, Address) = Listen();
        _work = Task.Run(ServeAsync);
    }

    /// <summary>Where it answers; without a path.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Close();
        _work.Wait(TimeSpan.FromSeconds(10));
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
        while (true)
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
            await _answer(context).ConfigureAwait(false);
        }
        catch (Exception error)
            when (error is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException
            )
        {
            context.Response.Abort();
        }
    }
}
