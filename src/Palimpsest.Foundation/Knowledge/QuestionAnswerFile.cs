using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>Question-answering rows in TOFU's layout, as JSON lines or a JSON array.</summary>
public static class QuestionAnswerFile
{
    /// <summary>Reads every row.</summary>
    /// <exception cref="InputException">The file is missing or empty, or a row lacks its question or
    /// answer.</exception>
    public static IReadOnlyList<QuestionAnswer> Read(string path)
    {
        var rows = JsonRows.Read(path).Select(Row).ToArray();
        return rows.Length > 0 ? rows : throw new InputException($"{path}: has no row; needed is at least one.");
    }

    private static QuestionAnswer Row(JsonField row) =>
        new()
        {
            Question = row.Text("question"),
            Answer = row.Text("answer"),
            ParaphrasedAnswer = row["paraphrased_answer"].AsString(null),
            ParaphrasedQuestion = row["paraphrased_question"].AsString(null),
            PerturbedAnswers = TextOrTexts(row["perturbed_answer"]),
        };

    private static IReadOnlyList<string> TextOrTexts(JsonField field)
    {
        if (field.IsNull)
            return [];
        if (field.Value.ValueKind == JsonValueKind.String)
            return [field.AsString()];
        return [.. field.Elements().Select(element => element.AsString())];
    }
}
