using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Inference;

/// <summary>What generation_config.json says that matters here: the ids that end an answer.</summary>
/// <param name="EndTokens">End-of-sequence ids.</param>
internal sealed record GenerationSettings(IReadOnlyList<int> EndTokens)
{
    private const string FileName = "generation_config.json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads the file of a folder; without one, the model's own end tokens count.</summary>
    public static GenerationSettings Read(string folder, IReadOnlyList<int> fromConfig)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return new(fromConfig);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (!document.RootElement.TryGetProperty("eos_token_id", out var field))
                return new(fromConfig);
            return new(field.ValueKind switch
            {
                JsonValueKind.Array => [.. field.EnumerateArray().Select(id => id.GetInt32())],
                JsonValueKind.Number => [field.GetInt32()],
                JsonValueKind.Null => fromConfig,
                _ => throw new InputException($"{path}: eos_token_id: '{field}' is neither a whole number nor a list of them."),
            });
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException($"{path}: is not a generation configuration: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Writes the file.</summary>
    public void Write(string folder, int? bosId, int padId)
    {
        var json = new JsonObject { ["bos_token_id"] = bosId, ["eos_token_id"] = new JsonArray([.. EndTokens.Select(id => (JsonNode)id)]), ["pad_token_id"] = padId };
        if (EndTokens.Count == 1)
            json["eos_token_id"] = EndTokens[0];
        AtomicFile.WriteText(Path.Combine(folder, FileName), json.ToJsonString(Indented));
    }
}
