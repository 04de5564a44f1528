using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>Question-answering rows in TOFU's layout, as JSON lines, a JSON array or CSV with its fields named in the
/// first line.</summary>
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

    /// <summary>Reads one row.</summary>
    /// <exception cref="InputException">A field is missing, empty or not of its type.</exception>
    internal static QuestionAnswer Row(JsonField row) =>
        new()
        {
            Question = row.Text("question"),
            Answer = row.Text("answer"),
            ParaphrasedAnswer = row["paraphrased_answer"].AsString(null),
            ParaphrasedQuestion = row["paraphrased_question"].AsString(null),
            PerturbedAnswers = TextOrTexts(row["perturbed_answer"]),
            Secrets = SecretsField.Read(row["secrets"], row.Text("answer")),
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
