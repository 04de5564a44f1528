using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Checkpoints;

/// <summary>How a model or an adapter came about: palimpsest.json beside its weights.</summary>
public sealed record ResultRecord
{
    /// <summary>Its name.</summary>
    public const string FileName = "palimpsest.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The command that made it, for example <c>forget npo</c>, or null.</summary>
    public string? MadeBy { get; init; }

    /// <summary>What tells the run folder that it was made in from others, or null.</summary>
    public string? Run { get; init; }

    /// <summary>The model that an adapter was made for, that is composed with others, or that this one was trained
    /// from; or null.</summary>
    public BaseRecord? Base { get; init; }

    /// <summary>How the base and further models answer as one, or null.</summary>
    public CompositionRecord? Composition { get; init; }

    /// <summary>What bounds what the base knows of what was forgotten, as it was given, or null.</summary>
    public string? Guarantee { get; init; }

    /// <summary>Fingerprints of the adapters whose update is in the weights, see
    /// <see cref="AdapterFingerprint"/>.</summary>
    public IReadOnlyList<string> MergedAdapters { get; init; } = [];

    /// <summary>Places that still held what was forgotten when it was written.</summary>
    public IReadOnlyList<KnowledgePlace> StillHeldBy { get; init; } = [];

    /// <summary>The record of a folder; null where there is none, as for a GGUF file.</summary>
    /// <exception cref="InputException">The file is not a record.</exception>
    public static ResultRecord? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ResultRecord>(File.ReadAllText(path), Json)
                ?? throw new JsonException("it is null.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException(
                $"{path}: is not the record of a result: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));
}
