using System.Net;
using System.Text;
using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>A local server that speaks OpenAI's chat protocol and answers what a test tells it to.</summary>
public sealed class FakeChatServer : IDisposable
{
    private readonly LocalListener _listener;
    private readonly Func<FakeChatRequest, FakeChatReply> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<FakeChatRequest> _requests = [];

    /// <summary>Starts on a free port of this machine.</summary>
    /// <param name="answer">Called for each request, in turn.</param>
    public FakeChatServer(Func<FakeChatRequest, FakeChatReply> answer)
    {
        _answer = answer;
        _listener = new LocalListener(AnswerAsync);
    }

    /// <summary>Where it answers; without a path.</summary>
    public string Address => _listener.Address;

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
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpListenerContext context)
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
}
