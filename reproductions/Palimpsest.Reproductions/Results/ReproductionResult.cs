using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Reproductions;

/// <summary>A reproduction's result file.</summary>
public sealed record ReproductionResult
{
    /// <summary>Grows whenever the layout changes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The layout of this file.</summary>
    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>The system's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in words.</summary>
    public required string Title { get; init; }

    /// <summary>The paper's arXiv number.</summary>
    public required string ArXiv { get; init; }

    /// <summary>The group of systems that it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>The reproduction's version.</summary>
    public required int Version { get; init; }

    /// <summary>The claim in words.</summary>
    public required string Claim { get; init; }

    /// <summary>What it was compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>Models, data and settings.</summary>
    public required string Setting { get; init; }

    /// <summary>What the numbers say.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Every criterion.</summary>
    public required IReadOnlyList<CriterionResult> Criteria { get; init; }

    /// <summary>Every value of every seed.</summary>
    public required IReadOnlyList<SeedValues> Seeds { get; init; }

    /// <summary>Versions, platform, processors.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Wall-clock seconds of the measurement, all seeds; trained models come from the cache where it has
    /// them.</summary>
    public required double Seconds { get; init; }

    /// <summary>When the last seed was measured.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>How it is written.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(ResultJson.Format)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
        };

    /// <summary>All shown, one not shown, or neither.</summary>
    /// <param name="criteria">At least one.</param>
    public static Outcome Of(IReadOnlyList<CriterionResult> criteria)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        if (criteria.Any(criterion => criterion.Outcome == Outcome.NotShown))
            return Outcome.NotShown;
        var shown = criteria.Count > 0 && criteria.All(criterion => criterion.Outcome == Outcome.Shown);
        return shown ? Outcome.Shown : Outcome.Inconclusive;
    }

    /// <summary>Reads a result file.</summary>
    /// <exception cref="InputException">It is no result of this layout.</exception>
    public static ReproductionResult Read(string path)
    {
        try
        {
            var result = JsonSerializer.Deserialize<ReproductionResult>(File.ReadAllText(path), Json);
            if (result is { SchemaVersion: CurrentSchema })
                return result;
            var found = result is null ? "missing" : $"{result.SchemaVersion}";
            throw new InputException($"{path}: schema_version is {found}; allowed is {CurrentSchema}.");
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{path}: is no result of a reproduction: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Writes the result file.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");
}
