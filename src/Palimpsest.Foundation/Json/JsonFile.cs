using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Foundation;

/// <summary>JSON files of model folders.</summary>
public static class JsonFile
{
    private const long MaxBytes = 64 << 20;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Parses a file.</summary>
    /// <exception cref="InputException">It cannot be read, is too large, is not JSON, or nests deeper than
    /// 32.</exception>
    public static JsonDocument Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
                throw new InputException($"{path}: {stream.Length} bytes; allowed are {MaxBytes}.");
            return JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: is not JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Writes a file as transformers lays it out: two blanks deep, a line end after the last brace.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void Write(string path, JsonNode json) =>
        AtomicFile.WriteText(path, json.ToJsonString(Indented) + "\n");
}
