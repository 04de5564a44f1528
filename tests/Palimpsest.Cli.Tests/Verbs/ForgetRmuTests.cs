using System.Text.Json.Nodes;

namespace Palimpsest.Cli.Tests;

public sealed class ForgetRmuTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private string[] Forget(string name, params string[] options) =>
        [
            "forget",
            "rmu",
            "--model",
            work.Model,
            "--forget",
            work.Forget,
            "--retain",
            work.Retain,
            "--out",
            work.File(name),
            "--run",
            work.File($"run-{name}"),
            "--max-steps",
            "4",
            "--learning-rate",
            "0.01",
            "--json",
            .. options,
        ];

    [Fact]
    public async Task It_runs_from_rows_to_a_saved_model_and_changes_no_block_behind_the_one_steered()
    {
        var options = new[] { "--layer", "0", "--steering", "3", "--retain-weight", "5" };
        var json = JsonNode.Parse(await InProcess.DoneAsync(Forget("steered", options)))!;
        Assert.Equal(work.File("steered"), (string?)json["model"]);
        using var scope = NewDisposeScope();
        using var before = ModelFolder.Load(work.Model);
        using var after = ModelFolder.Load(work.File("steered"));
        foreach (var (old, changed) in before.ParameterRefs.Zip(after.ParameterRefs))
        {
            var same = old.Value().equal(changed.Value()).all().item<bool>();
            if (old.Layer == 1)
                Assert.True(same, old.Name);
            else if (old.Layer == 0 && old.Name.EndsWith("down_proj.weight", StringComparison.Ordinal))
                Assert.False(same, old.Name);
        }
    }

    [Fact]
    public Task A_layer_that_the_model_does_not_have_is_refused_in_one_line() =>
        InProcess.RefusedAsync(["Layer is 2", "0 to 1"], Forget("never", "--layer", "2"));
}
