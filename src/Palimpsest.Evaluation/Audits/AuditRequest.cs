namespace Palimpsest.Evaluation;

/// <summary>What an audit measures, and on what.</summary>
public sealed record AuditRequest
{
    /// <summary>The models.</summary>
    public required ModelTriple Models { get; init; }

    /// <summary>Facts of all scopes.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    /// <summary>Rows of the TOFU metrics.</summary>
    public required TofuData Rows { get; init; }

    /// <summary>Further probes, for example two-hop questions.</summary>
    public IReadOnlyList<SleekProbe> Probes { get; init; } = [];

    /// <summary>Changes of the weights.</summary>
    public IReadOnlyList<RobustnessTest> Tests { get; init; } = [];

    /// <summary>The candidate's method, for titles.</summary>
    public string Method { get; init; } = "";

    /// <summary>Settings of the TOFU metrics.</summary>
    public TofuOptions Tofu { get; init; } = new() { GradientNorm = false };

    /// <summary>Settings of the attack.</summary>
    public SleekOptions Sleek { get; init; } = new();

    /// <summary>Decides whether a reply states a fact.</summary>
    public IJudge Judge { get; init; } = new AliasJudge();

    /// <summary>Where finished measurements are kept, so that an audit that was stopped goes on; it belongs to this
    /// request.</summary>
    public StageFolder Stages { get; init; } = StageFolder.None;

    /// <summary>Thresholds of the verdict.</summary>
    public VerdictOptions Verdict { get; init; } = new();

    /// <summary>Places that still hold the knowledge and that the audit does not look at.</summary>
    public IReadOnlyList<KnowledgePlace> NotVisited { get; init; } = [];

    /// <summary>Hashes of what was measured, by name; copied into the certificate.</summary>
    public IReadOnlyDictionary<string, string> Hashes { get; init; } = new Dictionary<string, string>();

    /// <summary>Seeds of what was done before the audit and within its tests, by use; copied into the
    /// certificate.</summary>
    public IReadOnlyDictionary<string, ulong> Seeds { get; init; } = new Dictionary<string, ulong>();
}
