using System.Text.Json;

namespace Palimpsest.Cli;

/// <summary>Other answers, one per line of a text file.</summary>
internal static class RefusalFile
{
    /// <summary>Reads the lines that are not blank.</summary>
    /// <exception cref="InputException">The file is missing, has none, or is JSON, whose braces would be taught as
    /// answers.</exception>
    public static string[] Read(string path)
    {
        var text = TextFile.Read(path);
        string[] lines = [.. text.ReplaceLineEndings("\n").Split('\n').Where(line => !string.IsNullOrWhiteSpace(line))];
        if (lines.Length == 0)
            throw new InputException($"{path}: has no line; needed is at least one answer.");
        var number = IsJson(text) ? 0 : Array.FindIndex(lines, IsJson);
        return number < 0
            ? lines
            : throw new InputException(
                $"{path}, line {number + 1}: is JSON; needed is plain text with one answer per line."
            );
    }

    private static bool IsJson(string text)
    {
        if (text.TrimStart() is not ['{' or '[' or '"', ..])
            return false;
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
