using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class AttackVerbTests(TrainedWorld world) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_list_says_access_cost_and_what_each_attack_of_the_catalogue_shows()
    {
        var lines = JsonDocument.Parse(await InProcess.DoneAsync("attack", "--list", "--json")).RootElement;
        var entries = Evaluation.Catalog.All.Where(entry => entry.Offers.HasFlag(SystemOffers.Attack));
        string Field(JsonElement line, string name) => line.GetProperty(name).GetString()!;
        Assert.Equal(
            entries.Select(entry => entry.Id).Order(),
            lines.EnumerateArray().Select(line => Field(line, "id")).Order()
        );
        Assert.All(lines.EnumerateArray(), line => Assert.Contains(Field(line, "access"), Accesses));
        Assert.All(
            lines.EnumerateArray(),
            line => Assert.EndsWith(".", Field(line, "shows"), StringComparison.Ordinal)
        );
        Assert.All(lines.EnumerateArray(), line => Assert.NotEmpty(Field(line, "cost")));
        var access = lines.EnumerateArray().ToDictionary(line => Field(line, "id"), line => Field(line, "access"));
        var tests = Attacks.All.Select(entry => (entry.Id, Test: entry.CreateDefault().Create(Material)));
        Assert.All(tests, attack => Assert.Equal(attack.Test.Access.ToString().ToLowerInvariant(), access[attack.Id]));
        Assert.Equal(tests.Count(), tests.Select(attack => attack.Test.Name).Distinct().Count());
        await InProcess.RefusedAsync(["--list", "relearn", "many-shot"], "attack");
    }

    [Theory]
    [InlineData("wrappers", "--max-new-tokens", "12")]
    [InlineData("many-shot", "--shots", "2")]
    [InlineData("reintroduce", "--reminders", "2")]
    [InlineData("extract")]
    [InlineData("relearn", "--steps", "2")]
    [InlineData("quantise", "--bits", "8")]
    [InlineData("gcg", "--candidates", "4")]
    [InlineData("logit-lens")]
    public async Task An_attack_is_run_and_the_baseline_is_asked_once(string id, params string[] settings)
    {
        var model = await world.ModelAsync();
        string[] attack =
        [
            "attack",
            id,
            "--original",
            model,
            "--model",
            model,
            "--facts",
            world.Rows("facts"),
            "--baseline",
            _folder.File("baseline"),
            "--json",
        ];
        var (code, output, error) = await InProcess.RunAsync([.. attack, .. settings, "--run", _folder.File("first")]);
        Assert.True(code is ExitCode.Failed or ExitCode.Done, error + output);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(code == ExitCode.Failed, result.GetProperty("found_something").GetBoolean());
        Assert.Equal(1, result.GetProperty("before").GetProperty("recovery").GetProperty("value").GetDouble());
        // Small models lose the thread in prompts that they were not trained on; what they hold is all there.
        var recovery = result.GetProperty("found").GetProperty("recovery").GetProperty("value").GetDouble();
        Assert.True(recovery > 0.5 || Prompted.Contains(id), output);
        Assert.True(File.Exists(_folder.File("first", "report.json")));

        var kept = Directory.GetFiles(_folder.File("baseline"), "*.json", SearchOption.AllDirectories);
        Assert.Equal(2, kept.Length);
        var times = kept.Select(File.GetLastWriteTimeUtc).ToArray();
        (_, var again, _) = await InProcess.RunAsync([.. attack, .. settings, "--run", _folder.File("second")]);
        Assert.Equal(output, again);
        Assert.Equal(times, kept.Select(File.GetLastWriteTimeUtc));
        Assert.DoesNotContain(
            Directory.GetFiles(_folder.File("second"), "*.json", SearchOption.AllDirectories),
            file => Path.GetFileName(file).StartsWith("sleek-", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Membership_needs_rows_and_bad_input_is_one_line()
    {
        var model = await world.ModelAsync();
        string[] attack = ["attack", "membership", "--original", model, "--model", model];
        string[] rows = ["--forget", world.Rows("forget"), "--holdout", world.Rows("holdout")];
        var (code, output, _) = await InProcess.RunAsync([.. attack, .. rows, "--run", _folder.File("run"), "--json"]);
        Assert.Equal(ExitCode.Failed, code);
        var scores = JsonDocument.Parse(output).RootElement.GetProperty("found").GetProperty("data");
        var auc = scores[0].GetProperty("models").GetProperty("candidate").GetProperty("auc");
        Assert.Equal("loss", scores[0].GetProperty("score").GetString());
        Assert.True(auc.GetProperty("value").GetDouble() > 0.9);
        await InProcess.RefusedAsync(["--forget has 6 and --holdout 0 rows"], [.. attack, .. rows[..2]]);
        attack[1] = "quantise";
        await InProcess.RefusedAsync(["--facts or --forget"], attack);
        string[] patching = [.. attack, "--facts", world.Rows("facts")];
        patching[1] = "patching";
        await InProcess.RefusedAsync(["needs a retrained model"], patching);
        await InProcess.RefusedAsync(["--bits: 5", "4 or 8"], [.. attack, .. rows[..2], "--bits", "5"]);
        File.WriteAllText(
            _folder.File("kept.jsonl"),
            File.ReadAllText(world.Rows("facts")).Replace("forget", "retain", StringComparison.Ordinal)
        );
        await InProcess.RefusedAsync(
            ["no fact has the scope forget"],
            [.. attack, "--facts", _folder.File("kept.jsonl")]
        );
    }

    private static readonly string[] Prompted = ["wrappers", "many-shot", "reintroduce", "gcg"];

    private static readonly string[] Accesses = ["replies", "probabilities", "weights"];

    private static AttackMaterial Material { get; } =
        new([]) { Teach = _ => new Nothing(), Round = _ => new Nothing() };

    private sealed class Nothing : IModelTransform
    {
        public string Name => "nothing";

        public Task<IWeightModel> ApplyAsync(
            IWeightModel model,
            IProgress<TaskProgress>? progress,
            CancellationToken cancellationToken
        ) => Task.FromResult(model);
    }
}
