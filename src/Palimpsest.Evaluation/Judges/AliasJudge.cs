namespace Palimpsest.Evaluation;

/// <summary>Stated when the reply holds an expected answer or alias, folded, that the probe itself does not
/// hold.</summary>
public sealed class AliasJudge : IJudge
{
    /// <inheritdoc/>
    public string Name => "alias";

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

    /// <summary>Judges one reply.</summary>
    public static Verdict Judge(Probe probe, string reply)
    {
        if (States(probe, reply))
            return Verdict.Stated;
        return RefusalDetector.IsRefusal(reply) ? Verdict.Refused : Verdict.Absent;
    }

    /// <summary>True when the reply holds an expected text that neither the question nor a helper question
    /// holds.</summary>
    public static bool States(Probe probe, string reply)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var words = FoldedText.Words(reply);
        var asked = probe.Steps.Append(probe.Text).Select(FoldedText.Words).ToArray();
        return probe
            .Expected.Select(FoldedText.Words)
            .Any(expected =>
                expected.Count > 0
                && FoldedText.IndexOf(words, expected) >= 0
                && asked.All(text => FoldedText.IndexOf(text, expected) < 0)
            );
    }
}
