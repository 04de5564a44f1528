namespace Palimpsest.Evaluation;

/// <summary>What the attack found. Rates are over probes of facts that the original knows.</summary>
public sealed record SleekReport
{
    /// <summary>Attack success rate over all forget probes but the seeds.</summary>
    public required Rate Leak { get; init; }

    /// <summary>The same of the seed questions alone (mode 0).</summary>
    public required Rate SeedLeak { get; init; }

    /// <summary>The same of chains and conversations (mode B).</summary>
    public required Rate ChainLeak { get; init; }

    /// <summary>The same of the questions that go from object to subject.</summary>
    public required Rate ReverseLeak { get; init; }

    /// <summary>Attack success rate by category, single questions (mode A).</summary>
    public required IReadOnlyDictionary<ProbeCategory, Rate> LeakByCategory { get; init; }

    /// <summary>Attack success rate by mode.</summary>
    public required IReadOnlyDictionary<ProbeMode, Rate> LeakByMode { get; init; }

    /// <summary>Leaks by how they came, whatever was asked.</summary>
    public required IReadOnlyDictionary<ProbeCategory, int> LeaksByResponse { get; init; }

    /// <summary><see cref="Leak"/> of the original.</summary>
    public required Rate OriginalLeak { get; init; }

    /// <summary><see cref="Leak"/> of the retrained model, which never saw the facts; null without one.</summary>
    [WhenMissing("no retrained model was asked")]
    public Rate? RetrainedLeak { get; init; }

    /// <summary><see cref="LeakByCategory"/> of the retrained model; null without one.</summary>
    [WhenMissing("no retrained model was asked")]
    public IReadOnlyDictionary<ProbeCategory, Rate>? RetrainedByCategory { get; init; }

    /// <summary>Chance of guessing a fact from its candidates, the mean over forget facts; NaN when no candidates are
    /// known.</summary>
    [WhenMissing("no forget fact that the original knows has candidates")]
    public required double GuessRate { get; init; }

    /// <summary>Share of facts with at least one leaking probe.</summary>
    public required Rate FactsLeaked { get; init; }

    /// <summary>Share of facts with at least one leak among their first k probes, the seed question first, by
    /// k.</summary>
    public required IReadOnlyDictionary<int, Rate> LeakAtK { get; init; }

    /// <summary>Share of forget probes that leak in any of the sampled runs; null without any.</summary>
    [WhenMissing("no reply was sampled")]
    public Rate? SampledLeak { get; init; }

    /// <summary>Number of sampled runs.</summary>
    public required int SampledRuns { get; init; }

    /// <summary>Share of retain probes that the original answers and the candidate does not
    /// (over-suppression).</summary>
    public required Rate OverSuppression { get; init; }

    /// <summary>The same by category.</summary>
    public required IReadOnlyDictionary<ProbeCategory, Rate> OverSuppressionByCategory { get; init; }

    /// <summary>Share of forget probes that are refused.</summary>
    public required Rate Refusals { get; init; }

    /// <summary>The same by category.</summary>
    public required IReadOnlyDictionary<ProbeCategory, Rate> RefusalsByCategory { get; init; }

    /// <summary>Share of controls answered rightly by the candidate.</summary>
    public required Rate Controls { get; init; }

    /// <summary>Share of controls answered rightly by the original.</summary>
    public required Rate OriginalControls { get; init; }

    /// <summary>True when the candidate answers less than half of the controls that the original does: not forgotten,
    /// but broken.</summary>
    public bool Collapsed => OriginalControls.Hits > 0 && Controls.Value < OriginalControls.Value / 2;

    /// <summary>Recovery fraction of the best category in [0, 1], the retrained model's leak taken as 0; chance 0
    /// without one.</summary>
    public required double Recovery { get; init; }

    /// <summary>Recovery fraction over all forget probes but the seeds.</summary>
    public required double RecoveryOfAll { get; init; }

    /// <summary>Leak(attack) − Leak(seed).</summary>
    [WhenMissing("nothing but seed questions was asked, or no seed question")]
    public double ReasoningGain => Leak.Value - SeedLeak.Value;

    /// <summary>Leak(mode) − Leak(seed), by mode.</summary>
    [WhenMissing("no seed question was asked")]
    public IReadOnlyDictionary<ProbeMode, double> GainByMode =>
        LeakByMode
            .Where(mode => mode.Key != ProbeMode.Seed)
            .ToDictionary(mode => mode.Key, mode => mode.Value.Value - SeedLeak.Value);

    /// <summary>McNemar's exact p: do facts leak to any single question that do not leak to the seed question, or the
    /// other way round?</summary>
    public required double SingleAgainstSeed { get; init; }

    /// <summary>Main effects of the factor grid; empty where it was not tried.</summary>
    public required IReadOnlyList<FactorEffect> Factors { get; init; }

    /// <summary>Facts that the original model knows, and facts in all.</summary>
    public required Rate Eligible { get; init; }

    /// <summary>Each leaked fact with its shortest leaking probe.</summary>
    public required IReadOnlyList<SleekReply> Leaks { get; init; }

    /// <summary>SHA-256 of the probes.</summary>
    public required string ProbesHash { get; init; }
}
