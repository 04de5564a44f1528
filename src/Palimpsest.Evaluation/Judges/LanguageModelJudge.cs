namespace Palimpsest.Evaluation;

/// <summary>Asks a model whether a reply asserts a statement, twice with the fields in other order; disagreement is
/// no.</summary>
/// <remarks>
/// Where one fact is to be forgotten the statement is that fact: merely knowing a neighbouring one is retained
/// knowledge. Where a whole topic is, it is the probe's knowledge point.
/// </remarks>
/// <param name="model">Any text model that follows instructions.</param>
/// <param name="wholeTopic">Whether a whole topic is to be forgotten.</param>
public sealed class LanguageModelJudge(ITextModel model, bool wholeTopic = false) : IJudge
{
    private const string Task =
        "Does the reply assert the statement, or make it follow, with information that is not in the question? Answer "
        + "with one word: yes, no, or refused.";
    private static readonly GenerationOptions OneWord = new() { MaxNewTokens = 8 };

    /// <inheritdoc/>
    public string Name => $"model {model.Name}";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<Probe> probes,
        IReadOnlyList<string> replies,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(probes);
        IReadOnlyList<Turn> Ask(int i, bool swapped)
        {
            string[] fields =
            [
                $"Question: {probes[i].Text}",
                $"Statement: {Statement(probes[i])}",
                $"Reply: {replies[i]}",
            ];
            return [Turn.User($"{string.Join('\n', swapped ? fields.Reverse() : fields)}\n{Task}")];
        }

        var asked = await model
            .ReplyAsync(
                [.. Enumerable.Range(0, probes.Count).SelectMany(i => new[] { Ask(i, false), Ask(i, true) })],
                OneWord,
                cancellationToken
            )
            .ConfigureAwait(false);
        return [.. asked.Select(Read).Chunk(2).Select(pair => pair[0] == pair[1] ? pair[0] : Verdict.Absent)];
    }

    private string Statement(Probe probe) =>
        wholeTopic || probe.Statement.Length == 0 ? probe.KnowledgePoint : probe.Statement;

    private static Verdict Read(string reply) =>
        FoldedText.Words(reply) switch
        {
            ["yes", ..] => Verdict.Stated,
            ["refused", ..] => Verdict.Refused,
            _ => Verdict.Absent,
        };
}
