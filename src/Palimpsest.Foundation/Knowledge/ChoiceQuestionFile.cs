namespace Palimpsest.Foundation;

/// <summary>Multiple-choice questions from facts with candidate values or from rows with wrong answers.</summary>
public static class ChoiceQuestionFile
{
    /// <summary>
    /// Reads a file of facts (rows with <c>object</c>, see <see cref="FactFile"/>) or of rows in TOFU's layout with
    /// <c>perturbed_answer</c>.
    /// </summary>
    /// <exception cref="InputException">The file is missing, empty or malformed, or a row has nothing to choose
    /// from.</exception>
    public static IReadOnlyList<ChoiceQuestion> Read(string path)
    {
        try
        {
            return HoldsFacts(path)
                ? [.. FactFile.Read(path).SelectMany(ChoiceQuestion.Of)]
                : [.. QuestionAnswerFile.Read(path).SelectMany((row, i) => ChoiceQuestion.Of(row, i + 1))];
        }
        catch (InputException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InputException($"{path}: {error.Message}", error);
        }
    }

    private static bool HoldsFacts(string path) => JsonRows.Read(path) is [var first, ..] && !first["object"].IsNull;
}
