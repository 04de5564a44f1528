using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Inference;

/// <summary>What generation_config.json says that matters here: the ids that end an answer.</summary>
/// <param name="EndTokens">End-of-sequence ids.</param>
internal sealed record GenerationSettings(IReadOnlyList<int> EndTokens)
{
    private const string FileName = "generation_config.json";
    private const long MostBytes = 4 << 20;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads the file of a folder; without one, the model's own end tokens count.</summary>
    /// <exception cref="InputException">The file is too large, not JSON, or an id is no whole number from
    /// 0.</exception>
    public static GenerationSettings Read(string folder, IReadOnlyList<int> fromConfig)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return new(fromConfig);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new InputException($"{path}: {new FileInfo(path).Length} bytes; at most {MostBytes} are read.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            GenerationFields.Check(new(path, document.RootElement));
            return
                document.RootElement.TryGetProperty("eos_token_id", out var field)
                && field.ValueKind != JsonValueKind.Null
                && Ids(path, field) is { Length: > 0 } ids
                ? new(ids)
                : new(fromConfig);
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path}: is not a generation configuration: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }

    private static int[] Ids(string path, JsonElement field)
    {
        JsonElement[] items = field.ValueKind == JsonValueKind.Array ? [.. field.EnumerateArray()] : [field];
        // -1 stands for no token.
        return
        [
            .. items
                .Where(item => item.GetRawText() != "-1")
                .Select(item =>
                    item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0
                        ? id
                        : throw new InputException(
                            $"{path}: eos_token_id: {JsonEncodedText.Encode(item.GetRawText())} is neither a token id "
                                + "nor a list of them."
                        )
                ),
        ];
    }

    /// <summary>Writes the file.</summary>
    public void Write(string folder, int? bosId, int padId)
    {
        var json = new JsonObject
        {
            ["bos_token_id"] = bosId,
            ["eos_token_id"] = new JsonArray([.. EndTokens.Select(id => (JsonNode)id)]),
            ["pad_token_id"] = padId,
        };
        if (EndTokens.Count == 1)
            json["eos_token_id"] = EndTokens[0];
        AtomicFile.WriteText(Path.Combine(folder, FileName), json.ToJsonString(Indented));
    }
}
