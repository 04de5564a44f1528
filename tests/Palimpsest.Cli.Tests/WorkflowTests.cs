using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class WorkflowTests(TrainedWorld world)
{
    [Fact]
    public async Task Train_generate_forget_and_audit_follow_one_another()
    {
        using var folder = new TemporaryFolder();
        var full = await world.ModelAsync();
        var answer = await InProcess.DoneAsync(
            "generate",
            "--model",
            full,
            "--prompt",
            "Who are you?",
            "--max-new-tokens",
            "5",
            "--json"
        );
        Assert.Equal("Who are you?", JsonDocument.Parse(answer).RootElement.GetProperty("prompt").GetString());
        await InProcess.DoneAsync(
            "forget",
            "npo-rt",
            "--model",
            full,
            "--forget",
            world.Rows("forget"),
            "--retain",
            world.Rows("retain"),
            "--out",
            folder.File("forgotten"),
            "--run",
            folder.File("run-forget"),
            "--epochs",
            "2",
            "--lora-rank",
            "4",
            "--json"
        );
        Assert.False(Directory.Exists(folder.File("forgotten", "adapter")));
        string[] audit =
        [
            "audit",
            "--original",
            full,
            "--model",
            folder.File("forgotten"),
            "--forget",
            world.Rows("forget"),
            "--retain",
            world.Rows("retain"),
            "--holdout",
            world.Rows("holdout"),
            "--facts",
            world.Rows("facts"),
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

        // What was signed is what was audited, and nothing else.
        await InProcess.DoneAsync("key", "--out", folder.File("key.pem"));
        await AuditAsync([.. audit, "--sign-key", folder.File("key.pem")]);
        var certificate = folder.File("run-audit", "certificate.json");
        string[] verify =
        [
            "verify",
            certificate,
            "--key",
            folder.File("key.pub.pem"),
            $"model-before={full}",
            "--json",
        ];
        string[] models = [$"model-after={folder.File("forgotten")}", $"facts={world.Rows("facts")}"];
        await InProcess.DoneAsync([.. verify, .. models]);
        Assert.DoesNotContain("key.pem", await File.ReadAllTextAsync(folder.File("run-audit", "config.json")), Ordinal);
        var (differs, _, _) = await InProcess.RunAsync([.. verify, $"model-after={full}"]);
        Assert.Equal(ExitCode.Failed, differs);

        // As if it had been stopped before the attack on the candidate: the rest is not measured again.
        var stages = Directory.GetFiles(folder.File("run-audit", "stages"), "*.json", SearchOption.AllDirectories);
        File.Delete(stages.Single(path => Path.GetFileName(path) == "sleek-candidate.json"));
        var kept = stages.Where(File.Exists).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.True(JsonNode.DeepEquals(report, await AuditAsync(audit)));
        Assert.All(kept, stage => Assert.Equal(stage.Value, File.GetLastWriteTimeUtc(stage.Key)));
        Assert.All(stages, stage => Assert.True(File.Exists(stage), stage));
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>The report without its time.</summary>
    private static async Task<JsonObject> AuditAsync(string[] arguments)
    {
        var (code, output, error) = await InProcess.RunAsync(arguments);
        Assert.True(code is ExitCode.Done or ExitCode.Failed, error);
        var report = JsonNode.Parse(output)!.AsObject();
        Assert.True(report.Remove("finished"));
        return report;
    }
}
