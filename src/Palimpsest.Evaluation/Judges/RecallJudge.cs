namespace Palimpsest.Evaluation;

/// <summary>
/// Stated when the reply holds a given share of the words, in order, that an expected answer adds to the probe. For answers
/// that are sentences, of which no short value is known.
/// </summary>
/// <param name="least">Least share of the words, in (0, 1].</param>
public sealed class RecallJudge(double least = 0.5) : IJudge
{
    private readonly double _least = Require.InRange(least, above: 0, atMost: 1, name: nameof(least));

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"ROUGE-L recall >= {_least} of the answer's own words");

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(
        IReadOnlyList<SleekProbe> probes, IReadOnlyList<string> replies, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(probes);
        return Task.FromResult<IReadOnlyList<Verdict>>([.. probes.Zip(replies, Judge)]);
    }

    private Verdict Judge(SleekProbe probe, string reply)
    {
        var asked = probe.Steps.Append(probe.Text).SelectMany(FoldedText.Words).ToHashSet(StringComparer.Ordinal);
        string Own(string text) => string.Join(' ', FoldedText.Words(text).Where(word => !asked.Contains(word)));
        var said = Own(reply);
        return probe.Expected.Select(Own).Any(own => own.Length > 0 && Rouge.L(own, said, stem: false).Recall >= _least) ? Verdict.Stated
            : RefusalDetector.IsRefusal(reply) ? Verdict.Refused
            : Verdict.Absent;
    }
}
