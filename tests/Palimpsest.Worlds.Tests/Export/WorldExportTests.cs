using System.Text.Json;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class WorldExportTests
{
    [Fact]
    public void Question_rows_are_written_in_the_layout_of_Tofu_one_per_line()
    {
        var folder = Directory.CreateTempSubdirectory("palimpsest-world-").FullName;
        try
        {
            var world = World.Generate(new());
            WorldExport.Write(world, folder);

            var rows = File.ReadAllLines(Path.Combine(folder, "forget.jsonl"));
            Assert.Equal(world.QaRows(FactScope.Forget).Count, rows.Length);
            using var row = JsonDocument.Parse(rows[0]);
            Assert.Equal(world.QaRows(FactScope.Forget)[0].Answer, row.RootElement.GetProperty("answer").GetString());
            Assert.Equal(5, row.RootElement.GetProperty("perturbed_answer").GetArrayLength());
            Assert.Equal(world.Facts.Count, File.ReadAllLines(Path.Combine(folder, "facts.jsonl")).Length);
            using var fact = JsonDocument.Parse(File.ReadLines(Path.Combine(folder, "facts.jsonl")).First());
            Assert.Equal("retain", fact.RootElement.GetProperty("scope").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
