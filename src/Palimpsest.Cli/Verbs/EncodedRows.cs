using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>Rows of a file as token sequences; a row that does not fit the model is named with its file.</summary>
internal static class EncodedRows
{
    /// <summary>One sequence per row, in the file's order.</summary>
    /// <exception cref="InputException">A row is longer than the model's positions.</exception>
    public static TokenSequence[] Of(LanguageModel language, string path, IReadOnlyList<QuestionAnswer> rows) =>
        [.. rows.Select((row, i) => Encode(language, $"{path}, row {i + 1}", row, i))];

    /// <summary>One sequence per answer to a question.</summary>
    /// <exception cref="InputException">An answer is longer than the model's positions.</exception>
    public static IReadOnlyList<TokenSequence> Answers(
        LanguageModel language,
        string path,
        string question,
        IReadOnlyList<string> answers
    ) =>
        [
            .. answers.Select(
                (answer, i) =>
                    Encode(language, $"{path}, answer {i + 1}", new() { Question = question, Answer = answer }, 0)
            ),
        ];

    private static TokenSequence Encode(LanguageModel language, string place, QuestionAnswer row, int number)
    {
        try
        {
            return language.EncodeAnswer(row, number);
        }
        catch (InputException error)
        {
            throw new InputException($"{place}: {error.Message}", error);
        }
    }
}
