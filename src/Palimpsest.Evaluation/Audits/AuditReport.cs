using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>Everything that an audit found.</summary>
public sealed record AuditReport
{
    /// <summary>The version of the fields that this library writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Grows when fields change their meaning.</summary>
    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>The candidate's method.</summary>
    public required string Method { get; init; }

    /// <summary>When the audit ended, UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>The label and its evidence.</summary>
    public required SokVerdict Verdict { get; init; }

    /// <summary>The thresholds behind the label.</summary>
    public required VerdictOptions Thresholds { get; init; }

    /// <summary>Rows that the metrics read, by part: <c>forget</c>, <c>retain</c>, <c>real_authors</c>,
    /// <c>world_facts</c>, <c>holdout</c>.</summary>
    public required IReadOnlyDictionary<string, int> Rows { get; init; }

    /// <summary>TOFU's summary by model: <c>original</c>, <c>candidate</c>, <c>retrained</c>.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Tofu { get; init; }

    /// <summary>Truth ratios of the forget rows by model.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<double>> TruthRatios { get; init; }

    /// <summary>Points of the min-k membership ROC (false positives, true positives) by model; empty without holdout
    /// rows.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> MembershipRoc { get; init; }

    /// <summary>The attack.</summary>
    public required SleekReport Sleek { get; init; }

    /// <summary>What decided whether a reply states a fact.</summary>
    public required string Judge { get; init; }

    /// <summary>Versions and platform.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Hashes of models, data and probes.</summary>
    public required IReadOnlyDictionary<string, string> Hashes { get; init; }

    /// <summary>Places that still hold the knowledge and that the audit did not look at.</summary>
    public IReadOnlyList<KnowledgePlace> NotVisited { get; init; } = [];

    /// <summary>Seeds by use.</summary>
    public required IReadOnlyDictionary<string, ulong> Seeds { get; init; }

    /// <summary>How the report is written.</summary>
    public static JsonSerializerOptions Json { get; } =
        new()
        {
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = null,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        };
}
