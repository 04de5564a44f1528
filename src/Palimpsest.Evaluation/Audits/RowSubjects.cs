using System.Text.RegularExpressions;

namespace Palimpsest.Evaluation;

/// <summary>Finds whom a row is about: the name of two to four words that most rows of the data share with
/// it.</summary>
internal static partial class RowSubjects
{
    private const int LongestName = 4;
    private const int LeastRows = 3;

    /// <summary>A name per row; null where no name of the row is in two other rows.</summary>
    /// <remarks>A row between two of one subject is theirs: data sets list a person's rows together.</remarks>
    public static string?[] Of(IReadOnlyList<QuestionAnswer> rows)
    {
        var names = rows.Select(row => Names(row.Question).Concat(Names(row.Answer)).ToHashSet(StringComparer.Ordinal))
            .ToArray();
        var counts = names.SelectMany(of => of).CountBy(name => name).ToDictionary(StringComparer.Ordinal);
        var found = names
            .Select(of =>
                of.Where(name => counts[name] >= LeastRows)
                    .OrderByDescending(name => counts[name])
                    .ThenByDescending(name => name.Length)
                    .ThenBy(name => name, StringComparer.Ordinal)
                    .FirstOrDefault()
            )
            .ToArray();
        return
        [
            .. found.Select(
                (name, i) =>
                    i > 0 && i + 1 < found.Length && found[i - 1] is { } near && near == found[i + 1] ? near : name
            ),
        ];
    }

    private static IEnumerable<string> Names(string text)
    {
        foreach (Match run in Capitalised().Matches(text))
        {
            var words = Possessive().Replace(run.Value, "").Split(' ');
            for (var start = 0; start < words.Length; start++)
            {
                for (var end = start + 2; end <= Math.Min(words.Length, start + LongestName); end++)
                    yield return string.Join(' ', words[start..end]);
            }
        }
    }

    [GeneratedRegex(@"\p{Lu}[\p{L}\p{M}'’-]*(?: \p{Lu}[\p{L}\p{M}'’-]*)+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Capitalised();

    [GeneratedRegex(@"['’]s?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Possessive();
}
