using System.Text.Json;

namespace Palimpsest.Erasure;

/// <summary>JSON that no two readers can take differently: no field twice, none that is not expected.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Parses a document.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="mostBytes">The largest size that is read.</param>
    /// <exception cref="InputException">It is too large, not JSON, has a field twice, or nests too deep.</exception>
    public static JsonField Parse(string path, ReadOnlyMemory<byte> utf8, int mostBytes)
    {
        if (utf8.Length > mostBytes)
            throw new InputException($"{path}: {utf8.Length} bytes; at most {mostBytes} are read.");
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return new(path, document.RootElement.Clone());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InputException($"{path}: is not JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Refuses an object that has other fields than these.</summary>
    /// <exception cref="InputException">A field is missing or unknown.</exception>
    public static void RequireFields(JsonField value, params string[] names)
    {
        string[] found = [.. value.Members().Select(member => member.Name)];
        if (found.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
            throw value.Error($"the field {JsonField.Shown(unknown)} is not one of {string.Join(", ", names)}.");
        if (names.FirstOrDefault(name => !found.Contains(name)) is { } missing)
            throw value.Error($"'{missing}' is missing.");
    }

    /// <summary>Bytes in base64.</summary>
    /// <exception cref="InputException">The text is not base64.</exception>
    public static byte[] Base64(JsonField value)
    {
        try
        {
            return Convert.FromBase64String(value.AsString());
        }
        catch (FormatException error)
        {
            throw new InputException($"{value.Path}: is not base64.", error);
        }
    }
}
