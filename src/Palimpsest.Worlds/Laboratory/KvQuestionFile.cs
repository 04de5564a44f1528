namespace Palimpsest.Worlds;

/// <summary>Contexts with a question and an answer each, as JSON lines or a JSON array: <c>context</c>,
/// <c>question</c>, <c>answer</c>.</summary>
public static class KvQuestionFile
{
    /// <summary>Reads every row as ids of a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The model's. The context gets its special tokens; question and answer are continued
    /// text, so that each begins with the blank or the line end that separates it.</param>
    /// <param name="maxTokens">Most tokens of a row.</param>
    /// <exception cref="InputException">The file is missing or has no row, or a row lacks a field or is too
    /// long.</exception>
    public static IReadOnlyList<KvQuestion> Read(string path, Tokenizer tokenizer, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var rows = JsonRows.Read(path).Select((row, i) => Row(path, row, i, tokenizer, maxTokens)).ToArray();
        return rows.Length > 0 ? rows : throw new InputException($"{path}: has no row; needed is at least one.");
    }

    private static KvQuestion Row(string path, JsonField row, int index, Tokenizer tokenizer, int maxTokens)
    {
        var question = new KvQuestion(
            tokenizer.Encode(row.Text("context")),
            tokenizer.Encode(row.Text("question"), addSpecialTokens: false),
            tokenizer.Encode(row.Text("answer"), addSpecialTokens: false)
        );
        var tokens = question.Context.Count + question.Question.Count + question.Answer.Count;
        return tokens <= maxTokens
            ? question
            : throw new InputException(
                $"{path}: row {index + 1} has {tokens} tokens; the model reads at most {maxTokens}."
            );
    }
}
