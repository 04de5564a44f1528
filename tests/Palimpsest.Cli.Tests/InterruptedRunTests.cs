using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Runs that are killed or interrupted, resumed by the same command: the model is that of a run that never
/// stopped.</summary>
public sealed class InterruptedRunTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private const int Steps = 120;

    [Fact]
    public Task Train_killed_between_steps() => ResumesBitForBit("train", "kill", KillAfterSteps);

    [Fact]
    public Task Train_killed_while_it_writes_a_checkpoint() =>
        ResumesBitForBit("train", "kill-in-checkpoint", KillInCheckpoint);

    [Fact]
    public Task Train_interrupted_by_Ctrl_C() => ResumesBitForBit("train", "interrupt", Interrupt);

    [Fact]
    public Task Forget_killed_between_steps() => ResumesBitForBit("forget", "kill", KillAfterSteps);

    [Fact]
    public Task Forget_through_an_adapter_interrupted_by_Ctrl_C() =>
        ResumesBitForBit("forget-lora", "interrupt", Interrupt);

    [Fact]
    public async Task A_checkpoint_that_was_cut_off_is_passed_over()
    {
        var (whole, name) = (await WholeAsync("train"), "train-damaged");
        await KillAfterSteps(Command("train", name));
        var checkpoints = Directory
            .GetDirectories(work.File(name, "run", "checkpoints"), "step-????????")
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.InRange(checkpoints.Length, 2, 3);
        using (var stream = File.OpenWrite(Path.Combine(checkpoints[^1], "weights.safetensors")))
            stream.SetLength(stream.Length - 100);
        await InProcess.DoneAsync(Command("train", name));
        Assert.Equal(whole, await File.ReadAllBytesAsync(Weights(name)));
    }

    [Fact]
    public async Task When_every_checkpoint_is_damaged_one_line_says_so()
    {
        const string name = "train-all-damaged";
        await KillAfterSteps(Command("train", name));
        foreach (var checkpoint in Directory.GetDirectories(work.File(name, "run", "checkpoints"), "step-????????"))
            File.WriteAllText(Path.Combine(checkpoint, "state.json"), "{\"Step\":");
        await InProcess.RefusedAsync(["state.json", "No checkpoint is whole"], Command("train", name));
        Assert.False(Directory.Exists(work.File(name, "out")));
    }

    private async Task ResumesBitForBit(string verb, string how, Func<string[], Task> stop)
    {
        PalimpsestProcess.SkipWithoutInterrupts();
        var (whole, name) = (await WholeAsync(verb), $"{verb}-{how}");
        await stop(Command(verb, name));
        Assert.False(Directory.Exists(work.File(name, "out")));
        await InProcess.DoneAsync(Command(verb, name));
        Assert.Equal(whole, await File.ReadAllBytesAsync(Weights(name)));
        Assert.Equal(Steps, File.ReadLines(work.File(name, "run", "metrics.jsonl")).Count());
        Assert.Empty(Directory.GetFileSystemEntries(work.File(name), "*.tmp", SearchOption.AllDirectories));
    }

    private static async Task KillAfterSteps(string[] command)
    {
        using var process = PalimpsestProcess.Start(command);
        var metrics = Path.Combine(RunOf(command), "metrics.jsonl");
        PalimpsestProcess.StopWhen(process, () => LinesOf(metrics) >= 17);
        process.Kill();
        await process.WaitForExitAsync();
        Assert.NotEqual(ExitCode.Done, process.ExitCode);
    }

    private static async Task KillInCheckpoint(string[] command)
    {
        var checkpoints = Path.Combine(RunOf(command), "checkpoints");
        bool Leftover() => Directory.Exists(checkpoints) && Directory.GetDirectories(checkpoints, "*.tmp").Length > 0;
        // The folder may be renamed before the last thread stops; then the run goes on from there.
        for (var trial = 0; trial < 12 && !Leftover(); trial++)
        {
            using var process = PalimpsestProcess.Start(command);
            PalimpsestProcess.StopWhen(process, Leftover);
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.True(Leftover(), "no kill fell into a write");
    }

    private static async Task Interrupt(string[] command)
    {
        var process = PalimpsestProcess.Start(command);
        var metrics = Path.Combine(RunOf(command), "metrics.jsonl");
        PalimpsestProcess.StopWhen(process, () => LinesOf(metrics) >= 7);
        PalimpsestProcess.Interrupt(process);
        var (code, _, error) = await PalimpsestProcess.FinishAsync(process);
        Assert.True(code == ExitCode.Cancelled, $"exit code {code}: {error}");
        Assert.Contains(
            $"--run {RunOf(command)} goes on where it stopped",
            Assert.Single(error.TrimEnd('\n').Split('\n')),
            StringComparison.Ordinal
        );
        var step = File.ReadLines(metrics).Count();
        Assert.InRange(step, 7, Steps - 1);
        Assert.True(Directory.Exists(Path.Combine(RunOf(command), "checkpoints", $"step-{step:d8}")));
    }

    private static int LinesOf(string path) => File.Exists(path) ? File.ReadLines(path).Count() : 0;

    private async Task<byte[]> WholeAsync(string verb)
    {
        if (!File.Exists(Weights($"{verb}-whole")))
            await InProcess.DoneAsync(Command(verb, $"{verb}-whole"));
        return await File.ReadAllBytesAsync(Weights($"{verb}-whole"));
    }

    private string Weights(string name) => work.File(name, "out", "model.safetensors");

    private static string RunOf(string[] command) => command[Array.IndexOf(command, "--run") + 1];

    private string[] Command(string verb, string name)
    {
        var rank = verb == "forget-lora" ? "4" : "0";
        string[] what =
            verb == "train"
                ? ["train", "--data", work.Forget, "--data", work.Retain, "--schedule", "cosine", "--warmup-steps", "5"]
                : ["forget", "npo-rt", "--forget", work.Forget, "--retain", work.Retain, "--lora-rank", rank];
        return
        [
            .. what,
            "--model",
            work.Model,
            "--out",
            work.File(name, "out"),
            "--run",
            work.File(name, "run"),
            "--max-steps",
            $"{Steps}",
            "--batch-size",
            "4",
            "--checkpoint-every",
            name.EndsWith("in-checkpoint", StringComparison.Ordinal) ? "1" : "5",
            "--seed",
            "3",
        ];
    }
}
