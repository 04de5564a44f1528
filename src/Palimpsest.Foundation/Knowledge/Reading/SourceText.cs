using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>A sentence, or a row with its question, and where it stands.</summary>
/// <param name="Place">A file and a line or row.</param>
/// <param name="Text">The sentence, or the row's answer.</param>
/// <param name="Question">The row's question; null for a sentence.</param>
public sealed partial record SourceText(string Place, string Text, string? Question = null)
{
    /// <summary>Reads a file of rows in TOFU's layout, or of sentences, one a line or more with capitals after their
    /// full stops. Lines that begin with # are passed over.</summary>
    /// <exception cref="InputException">The file is missing, empty or malformed.</exception>
    public static IReadOnlyList<SourceText> Read(string path)
    {
        var text = TextFile.Read(path);
        if (
            text.AsSpan().TrimStart() is ['{' or '[', ..]
            || CsvRows.IsCsv(path)
            || CsvRows.SeparatorOf(text) is not null
        )
            return
            [
                .. QuestionAnswerFile
                    .Read(path)
                    .Select((row, i) => new SourceText($"{path}, row {i + 1}", row.Answer, row.Question)),
            ];
        SourceText[] sentences =
        [
            .. text.Split('\n')
                .Index()
                .Where(line => !line.Item.StartsWith('#'))
                .SelectMany(line =>
                    SentenceEnd()
                        .Split(line.Item.Trim())
                        .Where(sentence => sentence.Length > 0)
                        .Select(sentence => new SourceText($"{path}, line {line.Index + 1}", sentence))
                ),
        ];
        return sentences.Length > 0
            ? sentences
            : throw new InputException($"{path}: has no sentence; needed is at least one.");
    }

    // A short word before a full stop may be an abbreviation.
    [GeneratedRegex(@"(?<=[\p{Ll}\d]{3}[.!?])\s+(?=[\p{Lu}\d])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SentenceEnd();
}
