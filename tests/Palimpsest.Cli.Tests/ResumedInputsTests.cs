namespace Palimpsest.Cli.Tests;

/// <summary>A run that is resumed on other models, adapters or data than it began with is refused by the file's
/// name.</summary>
public sealed class ResumedInputsTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("new-file")]
    public async Task A_model_that_was_changed_in_between_is_refused(string file)
    {
        var model = work.CopyOfModel($"swapped-{file}");
        string[] command =
        [
            "train",
            "--data",
            work.Forget,
            "--model",
            model,
            "--out",
            work.File($"out-{file}"),
            "--run",
            work.File($"run-{file}"),
            "--max-steps",
            "1",
        ];
        await InProcess.DoneAsync(command);
        var path = Path.Combine(model, file);
        var time = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.UtcNow;
        using (var stream = new FileStream(path, FileMode.OpenOrCreate))
        {
            stream.Position = Math.Max(0, stream.Length - 3);
            stream.WriteByte(7);
        }

        File.SetLastWriteTimeUtc(path, time);
        await InProcess.RefusedAsync(["config.json", path, "has changed since"], command);
    }

    [Fact]
    public async Task An_attack_records_models_adapters_and_facts_and_keeps_its_stages_as_long_as_their_content_stays()
    {
        var (model, adapter) = (work.CopyOfModel("attacked"), work.File("attacked-adapter"));
        using (var decoder = ModelFolder.Load(model))
        using (var lora = LoraAdapter.Attach(decoder, "x", new() { Rank = 2 }, seed: 1))
            lora.Save(adapter);
        var facts = work.File("facts.jsonl");
        File.WriteAllText(
            facts,
            """{"id":"1","scope":"forget","subject":"s","relation":"r","object":"o","question":"q","answer":"a"}"""
        );
        string[] command =
        [
            "attack",
            "sleek",
            "--original",
            work.Model,
            "--model",
            model,
            "--adapter",
            adapter,
            "--facts",
            facts,
            "--run",
            work.File("run-attack"),
            "--max-new-tokens",
            "1",
        ];
        // The untrained original knows nothing, which ends the attack after its replies were kept.
        Assert.Equal(ExitCode.BadInput, (await InProcess.RunAsync(command)).ExitCode);
        var kept = StagesOf(work.File("run-attack"));
        Assert.Contains(kept, stage => stage.Name == "replies-candidate.json");
        File.SetLastWriteTimeUtc(Path.Combine(model, "config.json"), DateTime.UtcNow.AddHours(1));
        Assert.Equal(ExitCode.BadInput, (await InProcess.RunAsync(command)).ExitCode);
        Assert.Equal(kept, StagesOf(work.File("run-attack")));

        var config = Path.Combine(adapter, "adapter_config.json");
        File.AppendAllText(config, " ");
        await InProcess.RefusedAsync([config, "has changed since"], command);
    }

    private static (string Name, DateTime Written)[] StagesOf(string run) =>
        [
            .. new DirectoryInfo(Path.Combine(run, "stages"))
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .OrderBy(file => file.FullName, StringComparer.Ordinal)
                .Select(file => (file.Name, file.LastWriteTimeUtc)),
        ];
}
