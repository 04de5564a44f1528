using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>The objects of a JSON-lines file or of a JSON array, each with the place that messages name.</summary>
public static class JsonRows
{
    private const int MostDepth = 32;

    /// <summary>Reads the rows.</summary>
    /// <exception cref="InputException">The file is missing, too large, or not JSON; the message has the
    /// line.</exception>
    public static IReadOnlyList<JsonField> Read(string path)
    {
        var text = TextFile.Read(path);
        return text.AsSpan().TrimStart().StartsWith("[") ? Array(path, text) : Lines(path, text);
    }

    private static List<JsonField> Array(string path, string text)
    {
        var root = Parse(path, text);
        return [.. root.EnumerateArray().Select((row, i) => new JsonField($"{path}, row {i + 1}", row))];
    }

    private static List<JsonField> Lines(string path, string text)
    {
        var rows = new List<JsonField>();
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (!line.IsWhiteSpace())
                rows.Add(new($"{path}, line {number}", Parse($"{path}, line {number}", line.ToString())));
        }

        return rows;
    }

    private static JsonElement Parse(string place, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = MostDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InputException($"{place}: is not valid JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
