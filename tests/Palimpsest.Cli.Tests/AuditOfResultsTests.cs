using System.Text.Json;
using Palimpsest.Erasure;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Each kind of result of <c>forget</c> is a model that <c>audit</c> takes by its folder. A merged adapter is
/// in <see cref="WorkflowTests"/>.</summary>
public sealed class AuditOfResultsTests(TrainedWorld world) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_weights_changed()
    {
        var report = await ForgetAndAuditAsync("ga");
        RequireWholeBattery(report);
    }

    [Fact]
    public async Task An_adapter_on_a_base_that_it_changed()
    {
        var report = await ForgetAndAuditAsync("loku", "--retain", world.Rows("retain"), "--result", "adapter");
        Assert.True(File.Exists(_folder.File("forgotten", "adapter_model.safetensors")));
        RequireWholeBattery(report);
    }

    [Fact]
    public async Task A_pair_of_which_what_needs_weights_is_said_to_be_missing()
    {
        var wrong = File.ReadLines(world.Rows("forget"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(row => new
            {
                question = row.GetProperty("question").GetString(),
                answer = row.GetProperty("perturbed_answer")[0].GetString(),
            });
        await File.WriteAllLinesAsync(_folder.File("wrong.jsonl"), wrong.Select(row => JsonSerializer.Serialize(row)));
        var report = await ForgetAndAuditAsync(
            "uld",
            "--retain",
            world.Rows("retain"),
            "--alternates",
            _folder.File("wrong.jsonl")
        );
        var missing = Findings(report).Where(finding => NotMade(finding).ValueKind == JsonValueKind.String).ToArray();
        Assert.Equal(
            ["Sleek", "TOFU", "asked", "probabilities"],
            Findings(report)
                .Where(finding => NotMade(finding).ValueKind == JsonValueKind.Null)
                .Select(finding => finding.GetProperty("test").GetString()!)
                .Order(StringComparer.Ordinal)
        );
        Assert.All(
            missing,
            finding => Assert.Contains("weights", NotMade(finding).GetString(), StringComparison.Ordinal)
        );
    }

    private static JsonElement.ArrayEnumerator Findings(JsonElement report) =>
        report.GetProperty("findings").EnumerateArray();

    // These two of this world: no relation that kept facts share, no retrained model.
    private static void RequireWholeBattery(JsonElement report) =>
        Assert.Equal(
            ["linear probe", "activation patching"],
            Findings(report)
                .Where(finding => NotMade(finding).ValueKind == JsonValueKind.String)
                .Select(finding => finding.GetProperty("test").GetString())
        );

    private static JsonElement NotMade(JsonElement finding) => finding.GetProperty("not_made");

    private async Task<JsonElement> ForgetAndAuditAsync(string method, params string[] options)
    {
        var full = await world.ModelAsync();
        await InProcess.DoneAsync([
            "forget",
            method,
            "--model",
            full,
            "--forget",
            world.Rows("forget"),
            .. options,
            "--out",
            _folder.File("forgotten"),
            "--run",
            _folder.File("run"),
            "--max-steps",
            "4",
            "--learning-rate",
            "0.005",
            "--json",
        ]);
        var (code, output, error) = await InProcess.RunAsync(
            "audit",
            "--original",
            full,
            "--model",
            _folder.File("forgotten"),
            "--forget",
            world.Rows("forget"),
            "--retain",
            world.Rows("retain"),
            "--facts",
            world.Rows("facts"),
            "--run",
            _folder.File("run-audit"),
            "--json",
            "--max-new-tokens",
            "12",
            "--steps",
            "2"
        );
        Assert.True(code is ExitCode.Done or ExitCode.Failed, error);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.NotEqual("", report.GetProperty("verdict").GetProperty("label").GetString());
        // What answers is the result and not its base.
        var levels = Findings(report)
            .Single(finding => finding.GetProperty("test").GetString() == "probabilities")
            .GetProperty("levels");
        Assert.NotEqual(
            levels.GetProperty("original").GetProperty("value").GetDouble(),
            levels.GetProperty("candidate").GetProperty("value").GetDouble()
        );
        JsonResult.Require(await File.ReadAllTextAsync(_folder.File("run-audit", "report.json")));
        var check = CertificateVerifier.Check(_folder.File("run-audit", "certificate.json"), [], []);
        Assert.True(check.Holds, check.Reason);
        JsonResult.Require(check.Predicate!.Value.GetRawText());
        return report;
    }
}
