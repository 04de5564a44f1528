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

    /// <summary>The tests, for example those of <see cref="AuditBattery"/>.</summary>
    public required IReadOnlyList<IAuditTest> Tests { get; init; }

    /// <summary>Probes that were made before; null makes them from the facts by templates.</summary>
    public IReadOnlyList<SleekProbe>? Probes { get; init; }

    /// <summary>The candidate's name, for titles.</summary>
    public string Method { get; init; } = "";

    /// <summary>How probes are made and put to the models.</summary>
    public SleekOptions Sleek { get; init; } = new();

    /// <summary>Decides whether a reply states a fact.</summary>
    public IJudge Judge { get; init; } = new AliasJudge();

    /// <summary>Where finished measurements are kept, so that an audit that was stopped goes on; it belongs to this
    /// request.</summary>
    public StageFolder Stages { get; init; } = StageFolder.None;

    /// <summary>Where replies before any attack are kept, when several runs on the same models and facts share them;
    /// null keeps them with the other stages.</summary>
    public StageFolder? Baseline { get; init; }

    /// <summary>Thresholds of the verdict.</summary>
    public VerdictOptions Verdict { get; init; } = new();

    /// <summary>What the certificate says of the request, the model and the run.</summary>
    public AuditProvenance Provenance { get; init; } = new();

    /// <summary>The plan that was written before; null without one. The report says where the audit differs from
    /// it.</summary>
    public WrittenPlan? Plan { get; init; }

    /// <summary>Places that still hold the knowledge and that the audit does not look at.</summary>
    public IReadOnlyList<KnowledgePlace> NotVisited { get; init; } = [];
}
