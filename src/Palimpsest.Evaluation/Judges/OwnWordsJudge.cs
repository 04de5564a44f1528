namespace Palimpsest.Evaluation;

/// <summary>Compares the words that reply and expected answers add to the probe: repeating the question scores
/// nothing, and neither do words that every sentence holds (<see cref="FunctionWords"/>).</summary>
public abstract class OwnWordsJudge : IJudge
{
    private protected OwnWordsJudge() { }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<Probe> probes,
        IReadOnlyList<string> replies,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(probes);
        return Task.FromResult<IReadOnlyList<Verdict>>([.. probes.Zip(replies, Judge)]);
    }

    /// <summary>Whether the reply states the answer.</summary>
    /// <param name="gold">The expected answer's own words, at least one, folded and joined by spaces.</param>
    /// <param name="said">The reply's own words, at least one.</param>
    private protected abstract bool States(string gold, string said);

    private Verdict Judge(Probe probe, string reply)
    {
        var asked = probe.Steps.Append(probe.Text).SelectMany(FoldedText.Words).ToHashSet(StringComparer.Ordinal);
        string Own(string text) =>
            string.Join(
                ' ',
                FoldedText.Words(text).Where(word => !asked.Contains(word) && !FunctionWords.Contains(word))
            );
        var said = Own(reply);
        if (said.Length > 0 && probe.Expected.Select(Own).Any(gold => gold.Length > 0 && States(gold, said)))
            return Verdict.Stated;
        return RefusalDetector.IsRefusal(reply) ? Verdict.Refused : Verdict.Absent;
    }
}
