namespace Palimpsest.Evaluation;

/// <summary>What the scored variant of the attack found, over facts whose true value is the original's first after the
/// seed question.</summary>
/// <param name="SeedLeak">Share of leaking seed questions.</param>
/// <param name="Leak">Share of leaking questions but the seeds.</param>
/// <param name="LeakByCategory">The same by category.</param>
/// <param name="Margin">How much likelier than for a model that never saw the fact a leak must be.</param>
public sealed record ScoredReport(
    Rate SeedLeak,
    Rate Leak,
    IReadOnlyDictionary<ProbeCategory, Rate> LeakByCategory,
    double Margin
);
