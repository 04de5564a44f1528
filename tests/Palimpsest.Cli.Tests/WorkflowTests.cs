using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Tests;

public sealed class WorkflowTests
{
    [Fact]
    public async Task Train_generate_forget_and_audit_follow_one_another()
    {
        using var folder = new TemporaryFolder();
        WorldExport.Write(
            World.Generate(
                new()
                {
                    People = 6,
                    HoldoutPeople = 2,
                    WorldFacts = 4,
                }
            ),
            folder.File("world")
        );
        string Rows(string name) => folder.File("world", name + ".jsonl");
        await PalimpsestProcess.DoneAsync(
            "train",
            "--data",
            Rows("forget"),
            "--data",
            Rows("retain"),
            "--out",
            folder.File("full"),
            "--run",
            folder.File("run-train"),
            "--hidden-size",
            "64",
            "--layers",
            "2",
            "--heads",
            "4",
            "--vocabulary-size",
            "400",
            "--epochs",
            "30",
            "--learning-rate",
            "0.005"
        );
        var answer = await PalimpsestProcess.DoneAsync(
            "generate",
            "--model",
            folder.File("full"),
            "--prompt",
            "Who are you?",
            "--max-new-tokens",
            "5",
            "--json"
        );
        Assert.Equal("Who are you?", JsonDocument.Parse(answer).RootElement.GetProperty("prompt").GetString());
        await PalimpsestProcess.DoneAsync(
            "forget",
            "npo-rt",
            "--model",
            folder.File("full"),
            "--forget",
            Rows("forget"),
            "--retain",
            Rows("retain"),
            "--out",
            folder.File("forgotten"),
            "--run",
            folder.File("run-forget"),
            "--epochs",
            "2",
            "--lora-rank",
            "4"
        );
        Assert.False(Directory.Exists(folder.File("forgotten", "adapter")));
        string[] audit =
        [
            "audit",
            "--original",
            folder.File("full"),
            "--model",
            folder.File("forgotten"),
            "--forget",
            Rows("forget"),
            "--retain",
            Rows("retain"),
            "--holdout",
            Rows("holdout"),
            "--facts",
            Rows("facts"),
            "--run",
            folder.File("run-audit"),
            "--json",
            "--max-new-tokens",
            "12",
            "--steps",
            "5",
        ];
        var report = await AuditAsync(audit);
        Assert.NotNull(report["verdict"]!["label"]);
        foreach (var file in new[] { "report.html", "report.json", "certificate.json", "config.json" })
            Assert.True(File.Exists(folder.File("run-audit", file)), file);

        // As if it had been stopped before the attack on the candidate: the rest is not measured again.
        var stages = Directory.GetFiles(folder.File("run-audit", "stages"), "*.json", SearchOption.AllDirectories);
        File.Delete(stages.Single(path => Path.GetFileName(path) == "sleek-candidate.json"));
        var kept = stages.Where(File.Exists).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.True(JsonNode.DeepEquals(report, await AuditAsync(audit)));
        Assert.All(kept, stage => Assert.Equal(stage.Value, File.GetLastWriteTimeUtc(stage.Key)));
        Assert.All(stages, stage => Assert.True(File.Exists(stage), stage));
    }

    /// <summary>The report without its time.</summary>
    private static async Task<JsonObject> AuditAsync(string[] arguments)
    {
        var (code, output, error) = await PalimpsestProcess.RunAsync(arguments);
        Assert.True(code is ExitCode.Done or ExitCode.Failed, error);
        var report = JsonNode.Parse(output)!.AsObject();
        Assert.True(report.Remove("finished"));
        return report;
    }
}
