using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>What <c>attack sleek</c> found.</summary>
/// <param name="Probes">Where the probes came from.</param>
/// <param name="Judge">The judge's name.</param>
/// <param name="Report">By the replies.</param>
/// <param name="Scored">By the probabilities; null when they were not asked for.</param>
/// <param name="Recovered">The report's recovery with its interval over facts.</param>
internal sealed record SleekResult(
    SleekProbes Probes,
    string Judge,
    SleekReport Report,
    [property: WhenMissing("--scored was not given")] ScoredReport? Scored,
    Recovery Recovered
);
