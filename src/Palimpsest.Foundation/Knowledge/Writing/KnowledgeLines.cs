using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Foundation;

/// <summary>Writes facts, and rows in TOFU's layout, as JSON lines.</summary>
public static class KnowledgeLines
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes facts.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<Fact> facts) => Lines(path, facts);

    /// <summary>Writes rows; what a row has not is left out.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<QuestionAnswer> rows) =>
        Lines(
            path,
            rows.Select(row => new
            {
                row.Question,
                row.Answer,
                row.ParaphrasedAnswer,
                row.ParaphrasedQuestion,
                perturbed_answer = row.PerturbedAnswers.Count > 0 ? row.PerturbedAnswers : null,
            })
        );

    private static void Lines<T>(string path, IEnumerable<T> records)
    {
        var text = new StringBuilder();
        foreach (var record in records)
            text.Append(JsonSerializer.Serialize(record, Json)).Append('\n');
        AtomicFile.WriteText(path, text.ToString());
    }
}
