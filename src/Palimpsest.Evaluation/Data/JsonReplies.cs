using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>Asks a model for JSON objects that are checked, and once more for each that does not hold.</summary>
/// <param name="model">The model.</param>
/// <param name="stage">What progress calls the work.</param>
internal sealed class JsonReplies(ITextModel model, string stage)
{
    private const int AtOnce = 16;

    private static readonly GenerationOptions Settings = new() { MaxNewTokens = 800 };

    /// <summary>Asks every question.</summary>
    /// <param name="questions">One request each.</param>
    /// <param name="read">Makes the result of a reply's object; an <see cref="InputException"/> says why it is
    /// none.</param>
    /// <param name="progress">Counts the questions.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <returns>For each question the result, or null with what was wrong with the second reply.</returns>
    /// <exception cref="InputException">The model cannot be reached.</exception>
    public async Task<IReadOnlyList<(T? Value, string Problem)>> AskAsync<T>(
        IReadOnlyList<string> questions,
        Func<int, JsonField, T> read,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var results = new List<(T? Value, string Problem)>();
        foreach (var part in Enumerable.Range(0, questions.Count).Chunk(AtOnce))
        {
            progress?.Report(
                new(stage, results.Count, questions.Count, $"{results.Count(result => result.Value is null)} unusable")
            );
            var first = await ReplyAsync(part.Select(i => Turn.User(questions[i])).Select(turn => (Turn[])[turn]))
                .ConfigureAwait(false);
            var found = part.Select((i, n) => Read(i, first[n], read)).ToArray();
            int[] again = [.. Enumerable.Range(0, part.Length).Where(n => found[n].Value is null)];
            var second = await ReplyAsync(
                    again.Select(n =>
                        (Turn[])
                            [
                                Turn.User(questions[part[n]]),
                                Turn.Assistant(first[n]),
                                Turn.User($"That cannot be used: {found[n].Problem} Give the JSON object alone."),
                            ]
                    )
                )
                .ConfigureAwait(false);
            for (var a = 0; a < again.Length; a++)
                found[again[a]] = Read(part[again[a]], second[a], read);
            results.AddRange(found);
        }

        return results;

        async Task<IReadOnlyList<string>> ReplyAsync(IEnumerable<Turn[]> conversations)
        {
            Turn[][] asked = [.. conversations];
            return asked.Length == 0
                ? []
                : await model.ReplyAsync(asked, Settings, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (T? Value, string Problem) Read<T>(int number, string reply, Func<int, JsonField, T> read)
        where T : class
    {
        var (start, end) = (reply.IndexOf('{', StringComparison.Ordinal), reply.LastIndexOf('}'));
        if (start < 0 || end < start)
            return (null, "there is no JSON object in it.");
        try
        {
            return (read(number, JsonField.Parse("reply", Encoding.UTF8.GetBytes(reply[start..(end + 1)]))), "");
        }
        catch (InputException error)
        {
            return (null, error.Message);
        }
    }
}
