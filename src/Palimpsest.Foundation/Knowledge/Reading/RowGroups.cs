using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>Reads rows that no pattern reads beside others of the same data: where questions of one shape are answered
/// in sentences of one frame, what differs is the value; and a lone date or number
/// is one where the question asks for such.</summary>
internal static partial class RowGroups
{
    private const int LongestValue = 8;

    /// <summary>A fact per row; null where none was found.</summary>
    /// <param name="rows">Rows with their questions.</param>
    public static ReadFact?[] Read(IReadOnlyList<SourceText> rows)
    {
        var shapes = rows.Select(row => QuestionShape.Of(row.Question!)).ToArray();
        var facts = new ReadFact?[rows.Count];
        foreach (
            var group in Enumerable
                .Range(0, rows.Count)
                .Where(i => shapes[i].Subject.Length > 0)
                .GroupBy(i => shapes[i].Relation)
        )
            ReadGroup([.. group], rows, shapes, facts);
        for (var i = 0; i < rows.Count; i++)
            facts[i] ??= Lone(rows[i], shapes[i]);
        return facts;
    }

    private static void ReadGroup(
        int[] group,
        IReadOnlyList<SourceText> rows,
        QuestionShape[] shapes,
        ReadFact?[] facts
    )
    {
        if (group.Length < 2)
            return;
        var words = group
            .Select(i =>
                rows[i].Text.Trim().Replace(shapes[i].Subject, "…", StringComparison.Ordinal).TrimEnd('.').Split(' ')
            )
            .ToArray();
        var shortest = words.Min(of => of.Length);
        var start = Common(words, shortest - 1, (of, n) => of[n]);
        var end = Common(words, shortest - start - 1, (of, n) => of[^(n + 1)]);
        if (start + end == 0 && words.Any(of => of.Length > LongestValue / 2))
            return;
        for (var g = 0; g < group.Length; g++)
        {
            var value = string.Join(' ', words[g][start..^end]);
            if (words[g].Length - start - end <= LongestValue && !value.Contains('…', StringComparison.Ordinal))
                facts[group[g]] = Fact(rows[group[g]], shapes[group[g]], value);
        }
    }

    private static int Common(string[][] words, int most, Func<string[], int, string> at)
    {
        var count = 0;
        while (count < most && words.All(of => at(of, count) == at(words[0], count)))
            count++;
        return count;
    }

    private static ReadFact? Lone(SourceText row, QuestionShape shape)
    {
        if (!AsksForMeasure().IsMatch(row.Question!))
            return null;
        foreach (var expression in (Regex[])[Days(), Figures()])
        {
            string[] found =
            [
                .. expression
                    .Matches(row.Text)
                    .Select(match => match.Value)
                    .Where(text => !row.Question!.Contains(text, StringComparison.Ordinal))
                    .Distinct(),
            ];
            if (found.Length > 0)
                return found is [var only] && ValueText.KindOf(only) is not (null or ValueKind.Thing)
                    ? Fact(row, shape, only)
                    : null;
        }

        return null;
    }

    private static ReadFact Fact(SourceText row, QuestionShape shape, string value) =>
        ReadFact.FromRow(row, shape.Subject, shape.Relation, value);

    [GeneratedRegex(
        @"\b(?:when|year|date|day|age|number|how (?:many|much|old|tall|long|high|far))\b",
        Flags | RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex AsksForMeasure();

    [GeneratedRegex(@"\b(?:\d{1,2} \p{Lu}\p{Ll}+ \d{4}|\p{Lu}\p{Ll}+ \d{1,2}, \d{4}|\d{4}-\d\d-\d\d)\b", Flags, 1000)]
    private static partial Regex Days();

    [GeneratedRegex(@"(?<![\p{L}\d.,/#-])\d{1,6}(?![\p{L}\d/-]|[.,]\d)", Flags, 1000)]
    private static partial Regex Figures();

    private const RegexOptions Flags = RegexOptions.CultureInvariant;
}
