using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>Other answers to the forget questions: lines of text that answer any of them, or rows (JSON or JSON lines)
/// with the questions that they answer; of a row with the true answer, its wrong answers are taken.</summary>
internal sealed class OtherAnswers
{
    private readonly string _path;
    private readonly IReadOnlyList<QuestionAnswer> _questions;
    private readonly IReadOnlyList<IReadOnlyList<string>> _answers;

    private OtherAnswers(
        string path,
        IReadOnlyList<QuestionAnswer> questions,
        IReadOnlyList<IReadOnlyList<string>> answers
    ) => (_path, _questions, _answers) = (path, questions, answers);

    /// <summary>Reads a file; one that ends in .json or .jsonl has rows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="questions">The forget rows.</param>
    /// <exception cref="InputException">It is missing or empty, or a row answers none of the questions.</exception>
    public static OtherAnswers Read(string path, IReadOnlyList<QuestionAnswer> questions)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".json" or ".jsonl"))
        {
            var lines = RefusalFile.Read(path);
            return new(path, questions, [.. questions.Select(_ => lines)]);
        }

        var known = questions.Select(question => question.Question).ToHashSet(StringComparer.Ordinal);
        var rows = QuestionAnswerFile.Read(path);
        for (var row = 0; row < rows.Count; row++)
        {
            if (!known.Contains(rows[row].Question))
                throw new InputException(
                    $"{path}, row {row + 1}: {JsonField.Shown(rows[row].Question)} is no question of the forget rows."
                );
        }

        var answers = rows.ToLookup(row => row.Question, StringComparer.Ordinal);
        return new(
            path,
            questions,
            [.. questions.Select(q => answers[q.Question].SelectMany(r => Of(r, q)).ToArray())]
        );
    }

    private static IReadOnlyList<string> Of(QuestionAnswer row, QuestionAnswer question) =>
        row.Answer == question.Answer && row.PerturbedAnswers.Count > 0 ? row.PerturbedAnswers : [row.Answer];

    /// <summary>The answers to each question as token sequences.</summary>
    /// <exception cref="InputException">One is longer than the model's positions.</exception>
    public IReadOnlyList<IReadOnlyList<TokenSequence>> Encode(LanguageModel language) =>
        [.. _questions.Select((row, i) => EncodedRows.Answers(language, _path, row.Question, _answers[i]))];
}
