namespace Palimpsest.Evaluation;

/// <summary>A reply with its verdict.</summary>
/// <param name="Probe">What was asked.</param>
/// <param name="Text">What the model said.</param>
/// <param name="Verdict">What the judge says.</param>
public sealed record SleekReply(SleekProbe Probe, string Text, Verdict Verdict)
{
    /// <summary>
    /// How a leak came, whatever the probe's own category: direct where the reply states the object, indirect where it
    /// names the subject of a reverse probe, implied where a judge finds that the fact follows; null without a leak.
    /// </summary>
    public ProbeCategory? Response { get; init; }

    /// <summary>Verdicts of the sampled runs; empty without any.</summary>
    public IReadOnlyList<Verdict> Sampled { get; init; } = [];
}
