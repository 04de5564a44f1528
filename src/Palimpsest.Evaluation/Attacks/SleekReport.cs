namespace Palimpsest.Evaluation;

/// <summary>What the attack found.</summary>
public sealed record SleekReport
{
    /// <summary>Attack success rate over all forget probes but the seeds.</summary>
    public required Rate Leak { get; init; }

    /// <summary>The same of the seed questions alone (mode 0).</summary>
    public required Rate SeedLeak { get; init; }

    /// <summary>The same of the reasoned chains (mode B).</summary>
    public required Rate ChainLeak { get; init; }

    /// <summary>Attack success rate by category, single questions (mode A).</summary>
    public required IReadOnlyDictionary<ProbeCategory, Rate> LeakByCategory { get; init; }

    /// <summary>The same of the retrained model, which never saw the facts; null without one.</summary>
    public IReadOnlyDictionary<ProbeCategory, Rate>? RetrainedByCategory { get; init; }

    /// <summary>Share of facts with at least one leaking probe.</summary>
    public required Rate FactsLeaked { get; init; }

    /// <summary>Share of retain probes that the original answers and the candidate does not (over-suppression).</summary>
    public required Rate OverSuppression { get; init; }

    /// <summary>Share of forget probes that are refused.</summary>
    public required Rate Refusals { get; init; }

    /// <summary>Share of controls answered rightly by the candidate.</summary>
    public required Rate Controls { get; init; }

    /// <summary>Share of controls answered rightly by the original.</summary>
    public required Rate OriginalControls { get; init; }

    /// <summary>Recovery fraction of the best category in [0, 1], the retrained model's leak taken as 0; chance 0 without one.</summary>
    public required double Recovery { get; init; }

    /// <summary>Leak(attack) − Leak(seed).</summary>
    public double ReasoningGain => Leak.Value - SeedLeak.Value;

    /// <summary>Facts that the original model knows, and facts in all.</summary>
    public required Rate Eligible { get; init; }

    /// <summary>Each leaked fact with its shortest leaking probe.</summary>
    public required IReadOnlyList<SleekReply> Leaks { get; init; }

    /// <summary>SHA-256 of the probes.</summary>
    public required string ProbesHash { get; init; }
}
