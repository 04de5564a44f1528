using System.Text.Json.Nodes;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Tests;

/// <summary>What <c>forget --lora-rank</c> leaves behind: a merged model from which nothing can be taken off, or an
/// adapter that names its base.</summary>
public sealed class ForgetResultTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private string[] Forget(string name, params string[] options) =>
        [
            "forget",
            "ga",
            "--model",
            work.Model,
            "--forget",
            work.Forget,
            "--out",
            work.File(name),
            "--run",
            work.File($"run-{name}"),
            "--lora-rank",
            "4",
            "--max-steps",
            "3",
            "--checkpoint-every",
            "2",
            "--learning-rate",
            "0.01",
            .. options,
        ];

    [Fact]
    public async Task A_merged_model_stands_alone_and_the_output_says_where_the_knowledge_still_is()
    {
        var text = await InProcess.DoneAsync(Forget("merged"));
        Assert.Empty(Directory.GetDirectories(work.File("merged")));
        Assert.DoesNotContain(
            Directory.GetFiles(work.File("merged")),
            file => Path.GetFileName(file).StartsWith("adapter", StringComparison.Ordinal)
        );
        Assert.Contains($"{work.Model}: the model before forgetting is unchanged", text, StringComparison.Ordinal);
        Assert.Contains(work.File("run-merged", "checkpoints"), text, StringComparison.Ordinal);
        var record = ResultRecord.Read(work.File("merged"))!;
        Assert.Equal("forget ga", record.MadeBy);
        Assert.Single(record.MergedAdapters);
        Assert.Equal(
            [KnowledgePlaceKind.Original, KnowledgePlaceKind.Checkpoint, KnowledgePlaceKind.OptimizerState],
            record.StillHeldBy.Select(place => place.Kind)
        );
    }

    [Fact]
    public async Task A_kept_adapter_is_told_of_cannot_be_added_again_and_fits_its_base_alone()
    {
        var json = JsonNode.Parse(
            await InProcess.DoneAsync(Forget("kept", "--keep-adapter", work.File("kept-adapter"), "--json"))
        )!;
        Assert.Equal(work.File("kept"), (string?)json["model"]);
        Assert.Equal(work.File("kept-adapter"), (string?)json["adapter"]);
        Assert.False((bool)json["knowledge_in_stored_weights"]!);
        Assert.Equal(
            ["original", "adapter", "checkpoint", "optimizer-state"],
            json["knowledge_still_in"]!.AsArray().Select(place => (string?)place!["kind"])
        );
        var moved = work.File("renamed-adapter");
        Directory.Move(work.File("kept-adapter"), moved);
        await InProcess.RefusedAsync(
            [moved, work.File("kept"), "twice"],
            "generate",
            "--model",
            work.File("kept"),
            "--adapter",
            moved,
            "--prompt",
            "x"
        );
        Assert.Throws<InputException>(() => LanguageModel.Load(work.File("kept"), moved));
        await InProcess.RefusedAsync(
            [moved, "twice"],
            "model",
            "convert",
            work.Model,
            "--adapter",
            moved,
            "--adapter",
            moved,
            "--out",
            work.File("doubled")
        );
        await InProcess.DoneAsync("model", "convert", work.Model, "--adapter", moved, "--out", work.File("converted"));
        Assert.Throws<InputException>(() => LanguageModel.Load(work.File("converted"), moved));
        var (code, _, error) = await InProcess.RunAsync(Generate(work.Model, moved));
        Assert.Equal((ExitCode.Done, ""), (code, error));
    }

    [Fact]
    public async Task An_adapter_as_result_names_its_base_and_other_weights_are_noticed()
    {
        var json = JsonNode.Parse(await InProcess.DoneAsync(Forget("alone", "--result", "adapter", "--json")))!;
        Assert.Equal(work.Model, (string?)json["model"]);
        Assert.Equal(work.File("alone"), (string?)json["adapter"]);
        Assert.True((bool)json["knowledge_in_stored_weights"]!);
        Assert.Equal("base", (string?)json["knowledge_still_in"]![0]!["kind"]);
        Assert.True(AdapterInfo.IsAdapter(work.File("alone")));
        Assert.False(File.Exists(work.File("alone", "model.safetensors")));
        Assert.Equal(BaseRecord.Of(work.Model), ResultRecord.Read(work.File("alone"))!.Base);

        var other = work.CopyOfModel("other-base");
        using (var model = new CausalLM(ModelFolder.ReadConfig(other), seed: 9))
            ModelFolder.Save(model, other);
        var (code, _, error) = await InProcess.RunAsync(Generate(other, work.File("alone")));
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains($"was made for the weights of {work.Model}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--keep-adapter", "place", "--lora-rank", "0")]
    [InlineData("--result", "adapter", "--lora-rank", "0")]
    [InlineData("--keep-adapter", "place", "--result", "adapter")]
    public async Task Options_without_effect_are_refused(params string[] options)
    {
        string[] command = [.. Forget("never").Except(["--lora-rank", "4"]), .. options];
        if (!options.Contains("--lora-rank"))
            command = [.. command, "--lora-rank", "2"];
        await InProcess.RefusedAsync([options[0], "no effect"], command);
    }

    [Fact]
    public Task The_adapter_that_an_older_version_left_in_the_folder_of_its_merged_model_is_refused()
    {
        var model = work.CopyOfModel("old");
        using (var decoder = ModelFolder.Load(work.Model))
        using (var adapter = LoraAdapter.Attach(decoder, "x", new() { Rank = 2 }, seed: 1))
            adapter.Save(Path.Combine(model, "adapter"));
        return InProcess.RefusedAsync(
            [Path.Combine(model, "adapter"), "twice"],
            Generate(model, Path.Combine(model, "adapter"))
        );
    }

    private static string[] Generate(string model, string adapter) =>
        ["generate", "--model", model, "--adapter", adapter, "--prompt", "x", "--max-new-tokens", "1"];
}
