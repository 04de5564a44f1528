namespace Palimpsest.Samples;

/// <summary>What a run measured.</summary>
/// <param name="Facts">What was asked.</param>
/// <param name="Before">The original's answers.</param>
/// <param name="After">The answers after forgetting.</param>
/// <param name="Audit">What attacks find.</param>
/// <param name="Texts">How many texts were forgotten and kept.</param>
internal sealed record RunResults(
    IReadOnlyList<Fact> Facts,
    Measurement Before,
    Measurement After,
    AuditReport Audit,
    (int Forget, int Retain) Texts
);
