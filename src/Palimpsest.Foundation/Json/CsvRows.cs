using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.VisualBasic.FileIO;

namespace Palimpsest.Foundation;

/// <summary>Rows of a CSV file whose first line names the fields, as spreadsheets write them: commas, semicolons or
/// tabs between, quotes around what holds one of them or a line's end (RFC 4180). An empty field is none.</summary>
internal static class CsvRows
{
    private static readonly char[] Separators = [',', ';', '\t'];

    /// <summary>True for a file that is called CSV.</summary>
    public static bool IsCsv(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv";

    /// <summary>The separator when a text that is called otherwise begins as CSV does that names fields of rows; null
    /// when it does not.</summary>
    public static char? SeparatorOf(ReadOnlySpan<char> text)
    {
        var first = FirstLine(text);
        foreach (var separator in Separators)
        {
            string[] names = [.. first.ToString().Split(separator).Select(name => name.Trim().Trim('"'))];
            if (names.Length > 1 && names.Intersect(["question", "answer", "text"]).Any() && names.All(IsName))
                return separator;
        }

        return null;
    }

    /// <summary>Reads the rows.</summary>
    /// <exception cref="InputException">A quote is not closed, or a line has more fields than the first.</exception>
    public static List<JsonField> Read(string path, string text)
    {
        var header = FirstLine(text).ToString();
        var separator = Separators.MaxBy(sign => header.Count(letter => letter == sign));
        using var records = Records(path, text, separator).GetEnumerator();
        if (!records.MoveNext())
            return [];
        string[] names = [.. records.Current.Fields.Select(name => name.Trim())];
        if (names.FirstOrDefault(name => names.Count(other => other == name) > 1) is { } twice)
            throw new InputException($"{path}, line 1: '{twice}' is named twice; each field has one column.");
        var rows = new List<JsonField>();
        while (records.MoveNext())
        {
            var (line, fields) = records.Current;
            var place = $"{path}, line {line}";
            if (fields.Length > names.Length)
                throw new InputException(
                    $"{place}: has {fields.Length} fields; the first line names {names.Length}. Text with a "
                        + $"'{separator}' in it stands in quotes."
                );
            var row = new JsonObject();
            foreach (var (name, value) in names.Zip(fields).Where(field => field.Second.Length > 0))
                row[name] = value;
            rows.Add(new(place, JsonSerializer.SerializeToElement(row)));
        }

        return rows;
    }

    private static ReadOnlySpan<char> FirstLine(ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        var end = text.IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and < 40 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or ' ');

    private static IEnumerable<(long Line, string[] Fields)> Records(string path, string text, char separator)
    {
        using var parser = new TextFieldParser(new StringReader(text)) { TrimWhiteSpace = false };
        parser.SetDelimiters(separator.ToString());
        while (!parser.EndOfData)
        {
            var line = parser.LineNumber;
            if (Fields(parser, path) is { } fields && fields.Any(field => field.Length > 0))
                yield return (line, fields);
        }
    }

    private static string[]? Fields(TextFieldParser parser, string path)
    {
        try
        {
            return parser.ReadFields();
        }
        catch (MalformedLineException)
        {
            throw new InputException(
                $"{path}, line {parser.ErrorLineNumber}: a quote is opened and not closed before the next field."
            );
        }
    }
}
