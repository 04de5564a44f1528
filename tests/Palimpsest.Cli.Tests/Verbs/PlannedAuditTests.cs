using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class PlannedAuditTests(TrainedWorld world)
{
    [Fact]
    public async Task An_audit_is_planned_followed_refused_and_marked()
    {
        using var folder = new TemporaryFolder();
        var model = await world.ModelAsync();
        var plan = folder.File("plan.json");
        string[] audit =
        [
            "audit",
            "--original",
            model,
            "--model",
            model,
            "--forget",
            world.Rows("forget"),
            "--retain",
            world.Rows("retain"),
            "--facts",
            world.Rows("facts"),
            "--max-new-tokens",
            "12",
            "--probes-per-category",
            "1",
            "--json",
        ];
        var runs = folder.File("run");
        var written = JsonDocument.Parse(await InProcess.DoneAsync([.. audit, "--plan", plan])).RootElement;
        var digest = ContentHash.OfFile(plan);
        Assert.Equal(digest, written.GetProperty("sha256").GetString());
        await InProcess.RefusedAsync(["--plan", "never overwritten"], [.. audit, "--plan", plan]);
        await InProcess.RefusedAsync(["needs --by-plan"], [.. audit, "--mark-deviations"]);
        string[] both = ["--plan", folder.File("other.json"), "--by-plan", plan];
        await InProcess.RefusedAsync(["name one of the two"], [.. audit, .. both]);
        Assert.False(Directory.Exists(runs));

        string[] other = [.. audit, "--by-plan", plan, "--steps", "2", "--run", folder.File("refused")];
        var (code, output, error) = await InProcess.RunAsync(other);
        Assert.Equal(ExitCode.Tampered, code);
        Assert.Contains("and is 'relearn-2; taught", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal(
            "tampered",
            JsonDocument.Parse(output).RootElement.GetProperty("error").GetProperty("kind").GetString()
        );
        Assert.False(File.Exists(folder.File("refused", "report.json")));
        Assert.False(Directory.Exists(folder.File("refused", "stages")));

        (code, output, error) = await InProcess.RunAsync([.. audit, "--by-plan", plan, "--run", runs]);
        Assert.True(code == ExitCode.Failed, error);
        var record = JsonDocument.Parse(output).RootElement.GetProperty("plan");
        Assert.Equal(digest, record.GetProperty("sha256").GetString());
        Assert.False(record.GetProperty("tampered").GetBoolean());
        Assert.Equal(digest, ContentHash.OfFile(folder.File("run", "plan.json")));
        await InProcess.DoneAsync("verify", folder.File("run", "certificate.json"));

        other = [.. other[..^1], folder.File("marked"), "--mark-deviations"];
        (code, output, _) = await InProcess.RunAsync(other);
        Assert.Equal(ExitCode.Tampered, code);
        record = JsonDocument.Parse(output).RootElement.GetProperty("plan");
        Assert.True(record.GetProperty("tampered").GetBoolean());
        Assert.Contains(
            record.GetProperty("deviations").EnumerateArray().Select(line => line.GetString()),
            line => line == "options.steps was '30' and is '2'"
        );
    }
}
