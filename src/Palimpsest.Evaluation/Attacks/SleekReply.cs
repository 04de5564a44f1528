namespace Palimpsest.Evaluation;

/// <summary>A reply with its verdict.</summary>
/// <param name="Probe">What was asked.</param>
/// <param name="Text">What the model said.</param>
/// <param name="Verdict">What the judge says.</param>
public sealed record SleekReply(SleekProbe Probe, string Text, Verdict Verdict);
