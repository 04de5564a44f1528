namespace Palimpsest.Cli.Tests;

/// <summary>Where results may be written, and that it is checked before any work.</summary>
public sealed class OutputPlaceTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private string[] Train(string target, params string[] options) =>
        [
            "train",
            "--data",
            work.Forget,
            "--model",
            work.Model,
            "--out",
            target,
            "--run",
            work.File($"run-{Path.GetFileName(target)}"),
            "--max-steps",
            "1",
            .. options,
        ];

    [Fact]
    public async Task An_input_is_never_overwritten_by_whatever_name_it_is_called()
    {
        var before = ContentHash.Of(work.Model);
        Directory.CreateSymbolicLink(work.File("link"), work.Model);
        foreach (
            var target in new[]
            {
                work.Model,
                work.Model + "/",
                Path.Combine(work.Model, "..", "model"),
                work.File("link"),
                work.File("model", "below"),
                Path.GetDirectoryName(work.Model)!,
            }
        )
            await InProcess.RefusedAsync(["--out", "name another folder"], Train(target, "--overwrite"));
        Assert.Equal(before, ContentHash.Of(work.Model));
    }

    [Theory]
    [InlineData("compress", "quantize", "--model")]
    [InlineData("model", "convert", "")]
    [InlineData("forget", "ga", "--model")]
    public async Task Every_verb_that_writes_refuses_its_input_and_what_is_there(
        string verb,
        string name,
        string option
    )
    {
        Directory.CreateDirectory(work.File($"there-{name}"));
        File.WriteAllText(work.File($"there-{name}", "config.json"), "{}");
        string[] input = option.Length == 0 ? [work.Model] : [option, work.Model];
        string[] rest = name == "ga" ? ["--forget", work.Forget] : [];
        string[] command = [verb, name, .. input, .. rest, "--out"];
        await InProcess.RefusedAsync(["never overwritten"], [.. command, work.Model, "--overwrite"]);
        await InProcess.RefusedAsync(
            [work.File($"there-{name}"), "is there already", "--overwrite"],
            [.. command, work.File($"there-{name}")]
        );
        Assert.Equal("{}", File.ReadAllText(work.File($"there-{name}", "config.json")));
    }

    [Fact]
    public async Task A_model_that_is_there_is_replaced_whole_when_asked_and_other_folders_are_not()
    {
        var target = work.CopyOfModel("older");
        Directory.CreateDirectory(work.File("older", "adapter"));
        File.WriteAllText(work.File("older", "adapter", "adapter_config.json"), "stale");
        await InProcess.RefusedAsync([target, "is there already"], Train(target));
        await InProcess.DoneAsync(Train(target, "--overwrite"));
        Assert.False(Directory.Exists(work.File("older", "adapter")));
        Assert.True(File.Exists(work.File("older", "model.safetensors")));

        // The same command again, as after a kill between the result and the end.
        await InProcess.DoneAsync(Train(target));

        Directory.CreateDirectory(work.File("photos"));
        File.WriteAllText(work.File("photos", "a.jpg"), "x");
        await InProcess.RefusedAsync(
            [work.File("photos"), "neither config.json nor adapter_config.json"],
            Train(work.File("photos"), "--overwrite")
        );
        Assert.True(File.Exists(work.File("photos", "a.jpg")));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_refused_before_the_run_begins()
    {
        File.WriteAllText(work.File("plain"), "x");
        foreach (var target in new[] { work.File("plain"), work.File("plain", "below", "deeper"), "/proc/below" })
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is of Linux");
            var run = work.File($"run-{Path.GetFileName(target)}");
            await InProcess.RefusedAsync(["--out", target], Train(target));
            Assert.False(Directory.Exists(run));
        }
    }

    [Fact]
    public Task Two_results_have_places_of_their_own() =>
        InProcess.RefusedAsync(
            ["--keep-adapter", "lies in --out"],
            "forget",
            "ga",
            "--model",
            work.Model,
            "--forget",
            work.Forget,
            "--lora-rank",
            "2",
            "--out",
            work.File("pair"),
            "--keep-adapter",
            work.File("pair", "adapter")
        );

    [Theory]
    [InlineData("--model", "generate --prompt x --model")]
    [InlineData("--adapter", "generate --prompt x --model M --adapter")]
    [InlineData("--retrained", "audit --original M --model M --forget F --retain F --retrained")]
    [InlineData("path", "model info")]
    public Task What_is_missing_is_named_with_its_option(string option, string command) =>
        InProcess.RefusedAsync(
            [$"{option}: {work.File("nowhere")}: does not exist"],
            [
                .. command
                    .Split(' ')
                    .Select(word =>
                        word switch
                        {
                            "M" => work.Model,
                            "F" => work.Forget,
                            _ => word,
                        }
                    ),
                work.File("nowhere"),
            ]
        );
}
