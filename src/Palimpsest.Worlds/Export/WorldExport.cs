using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Worlds;

/// <summary>Writes a world as files that other tools read.</summary>
public static class WorldExport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>
    /// Writes <c>facts.jsonl</c>, the question rows in TOFU's layout (<c>forget</c>, <c>retain</c>, <c>world_facts</c>,
    /// <c>holdout</c>), <c>biographies.jsonl</c>, <c>two_hop.jsonl</c>, <c>refusals.txt</c> and <c>world.json</c>.
    /// </summary>
    /// <param name="world">The world.</param>
    /// <param name="folder">Is created where missing; files of these names are replaced.</param>
    /// <exception cref="InputException">A file cannot be written.</exception>
    public static void Write(World world, string folder)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Lines(folder, "facts.jsonl", world.Facts);
        Lines(folder, "forget.jsonl", world.QaRows(FactScope.Forget).Select(Tofu));
        Lines(folder, "retain.jsonl", world.QaRows(FactScope.Retain).Select(Tofu));
        Lines(folder, "world_facts.jsonl", world.QaRows(FactScope.Irrelevant).Select(Tofu));
        Lines(folder, "holdout.jsonl", world.HoldoutRows.Select(Tofu));
        Lines(folder, "biographies.jsonl", world.Biographies);
        Lines(folder, "two_hop.jsonl", world.TwoHops);
        AtomicFile.WriteText(Path.Combine(folder, "refusals.txt"), string.Join('\n', world.Refusals) + "\n");
        AtomicFile.WriteText(
            Path.Combine(folder, "world.json"),
            JsonSerializer.Serialize(new { generator_version = World.Version, world.Options }, Json) + "\n"
        );
    }

    private static object Tofu(QuestionAnswer row) =>
        new
        {
            row.Question,
            row.Answer,
            row.ParaphrasedAnswer,
            row.ParaphrasedQuestion,
            perturbed_answer = row.PerturbedAnswers,
        };

    private static void Lines<T>(string folder, string name, IEnumerable<T> records)
    {
        var text = new StringBuilder();
        foreach (var record in records)
            text.Append(JsonSerializer.Serialize(record, Json)).Append('\n');
        AtomicFile.WriteText(Path.Combine(folder, name), text.ToString());
    }
}
