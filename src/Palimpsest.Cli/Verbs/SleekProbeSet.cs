using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>The probes of an attack and where they came from.</summary>
internal sealed record SleekProbeSet(SleekProbes Origin, IReadOnlyList<SleekProbe> Probes);
