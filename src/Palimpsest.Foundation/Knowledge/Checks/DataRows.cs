namespace Palimpsest.Foundation;

/// <summary>The rows of a file that can be read, each with its number in the file.</summary>
/// <param name="Part">forget, retain or holdout.</param>
/// <param name="Path">The file.</param>
/// <param name="Rows">The rows with their numbers from 1.</param>
internal sealed record DataRows(string Part, string Path, IReadOnlyList<(int Number, QuestionAnswer Row)> Rows)
{
    /// <summary>Reads what can be read; the rest becomes findings.</summary>
    public static DataRows Read(string part, string path, List<DataIssue> issues) =>
        new(part, path, ReadAll(path, QuestionAnswerFile.Row, issues));

    /// <summary>Reads what can be read of any file of JSON objects.</summary>
    public static List<(int Number, T Value)> ReadAll<T>(string path, Func<JsonField, T> read, List<DataIssue> issues)
    {
        var found = new List<(int, T)>();
        try
        {
            foreach (var (index, field) in JsonRows.Read(path).Index())
            {
                try
                {
                    found.Add((index + 1, read(field)));
                }
                catch (InputException error)
                {
                    issues.Add(new(path, index + 1, DataSeverity.Error, Without(error.Message, field.Path)));
                }
            }
        }
        catch (InputException error) when (File.Exists(path))
        {
            issues.Add(new(path, null, DataSeverity.Error, Without(error.Message, path)));
            return found;
        }

        if (found.Count == 0 && !issues.Exists(issue => issue.File == path))
            issues.Add(new(path, null, DataSeverity.Error, "is empty; needed is at least one row."));
        return found;
    }

    private static string Without(string message, string place) =>
        message.StartsWith(place, StringComparison.Ordinal)
            ? message[place.Length..].TrimStart(':', ',', ' ')
            : message;
}
