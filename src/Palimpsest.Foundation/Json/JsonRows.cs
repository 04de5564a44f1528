using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>The objects of a JSON-lines file or of a JSON array, or the lines of a CSV file, each with the place that
/// messages name.</summary>
public static class JsonRows
{
    private const int MostDepth = 32;

    /// <summary>Reads the rows.</summary>
    /// <exception cref="InputException">The file is missing, too large, or not JSON or CSV; the message has the
    /// line.</exception>
    public static IReadOnlyList<JsonField> Read(string path)
    {
        var text = TextFile.Read(path);
        if (CsvRows.IsCsv(path))
            return CsvRows.Read(path, text);
        if (CsvRows.SeparatorOf(text) is not null)
            throw new InputException($"{path}: is CSV and not JSON lines; with a name that ends in .csv it is read.");
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
