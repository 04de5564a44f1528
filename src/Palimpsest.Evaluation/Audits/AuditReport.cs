using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>Everything that an audit found.</summary>
public sealed record AuditReport
{
    /// <summary>The version of the fields that this library writes; it reads those before it, too.</summary>
    public const int CurrentSchema = 3;

    /// <summary>Grows when fields change their meaning.</summary>
    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>The candidate's name.</summary>
    public required string Method { get; init; }

    /// <summary>When the audit ended, UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>What stands for a model that never saw the facts: <c>retrained</c>, or <c>chance</c>, which lowers
    /// every claim.</summary>
    public required string Reference { get; init; }

    /// <summary>The label and its evidence.</summary>
    public required SokVerdict Verdict { get; init; }

    /// <summary>The thresholds behind the label.</summary>
    public required VerdictOptions Thresholds { get; init; }

    /// <summary>What was to be forgotten; null in reports of schema 1, which did not say.</summary>
    public ForgottenFacts? Forgotten { get; init; }

    /// <summary>Rows that the metrics read, by part: <c>forget</c>, <c>retain</c>, <c>real_authors</c>,
    /// <c>world_facts</c>, <c>holdout</c>.</summary>
    public required IReadOnlyDictionary<string, int> Rows { get; init; }

    /// <summary>What each test found, in the order of the battery; tests that were not made are there with their
    /// reason.</summary>
    public required IReadOnlyList<AuditFinding> Findings { get; init; }

    /// <summary>What decided whether a reply states a fact.</summary>
    public required string Judge { get; init; }

    /// <summary>SHA-256 of the probes.</summary>
    public required string ProbesHash { get; init; }

    /// <summary>Method, paths, options, hashes and seeds.</summary>
    public required AuditProvenance Provenance { get; init; }

    /// <summary>The plan that the audit was held to; null without one.</summary>
    public PlanRecord? Plan { get; init; }

    /// <summary>Versions and platform.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Places that still hold the knowledge and that the audit did not look at.</summary>
    public IReadOnlyList<KnowledgePlace> NotVisited { get; init; } = [];

    /// <summary>True when a retrained model was given.</summary>
    [JsonIgnore]
    public bool HasRetrained => Reference == "retrained";

    /// <summary>The attack's numbers; null when it was not made.</summary>
    [JsonIgnore]
    public SleekReport? Sleek => Find(SleekTest.TestName)?.Read<SleekReport>();

    /// <summary>TOFU's numbers; null when they were not made.</summary>
    [JsonIgnore]
    public TofuNumbers? Tofu => Find(TofuTest.TestName)?.Read<TofuNumbers>();

    /// <summary>What a test found; null when it was not made.</summary>
    /// <param name="test">Its name.</param>
    public AuditFinding? Find(string test) =>
        Findings.FirstOrDefault(finding => finding.Test == test && finding.NotMade is null);

    internal static JsonElement ToData<T>(T value) => JsonSerializer.SerializeToElement(value, ResultJson.Format);
}
