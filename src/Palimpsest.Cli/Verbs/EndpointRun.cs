using System.CommandLine;
using Microsoft.Extensions.AI;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>Work of a model at an endpoint in a run folder: each reply is kept as it comes, and a run that was stopped
/// goes on with what is not answered yet.</summary>
/// <param name="session">Shows progress.</param>
/// <param name="parsed">The command line, with <c>--run</c>.</param>
/// <param name="verb">Names the folder when none is given.</param>
internal sealed class EndpointRun(Session session, ParseResult parsed, string verb)
{
    private const string RepliesName = "replies.jsonl";

    /// <summary>Does the work, or what is left of it.</summary>
    /// <param name="title">What progress calls it.</param>
    /// <param name="client">Answers what was not answered before; stays the caller's.</param>
    /// <param name="work">Asks the client that it is given.</param>
    /// <typeparam name="T">What the work gives.</typeparam>
    /// <exception cref="InputException">The folder is of a run with other options or inputs.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the message has the folder.</exception>
    public async Task<T> AskAsync<T>(
        string title,
        IChatClient client,
        Func<IChatClient, IProgress<TaskProgress>, Task<T>> work
    )
    {
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), verb, session.Clock);
        run.WriteConfig(parsed);
        using var kept = new KeptChatClient(client, run.File(RepliesName));
        return await run.ResumableAsync(() => session.WithProgressAsync(title, progress => work(kept, progress)))
            .ConfigureAwait(false);
    }
}
