using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>A disk that is full: one line, exit code 2, and nothing half-written.</summary>
public sealed class FullDiskTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>, IDisposable
{
    private readonly TemporaryFolder _disk = new();
    private bool _mounted;

    public void Dispose()
    {
        if (_mounted)
            Run("umount", _disk.Path);
        _disk.Dispose();
    }

    [Fact]
    public async Task A_model_that_does_not_fit_is_not_there_at_all()
    {
        Mount("300k");
        await InProcess.RefusedAsync(
            [_disk.File("out"), "cannot be written"],
            Train(_disk.File("out"), work.File("run-model"), checkpointEvery: 0)
        );
        Assert.Empty(Directory.GetFileSystemEntries(_disk.Path));
    }

    [Fact]
    public async Task A_checkpoint_that_does_not_fit_leaves_those_before_and_no_part_of_itself()
    {
        Mount("1500k");
        await InProcess.RefusedAsync(
            [_disk.File("run"), "checkpoints", "cannot be written"],
            Train(work.File("out-checkpoint"), _disk.File("run"), checkpointEvery: 2)
        );
        Assert.Equal(
            ["step-00000002"],
            Directory.GetFileSystemEntries(_disk.File("run", "checkpoints")).Select(Path.GetFileName)
        );
        Assert.Empty(Directory.GetFileSystemEntries(_disk.Path, "*.tmp", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(work.File("out-checkpoint")));
    }

    [Fact]
    public async Task Metrics_that_do_not_fit_end_the_run_with_one_line()
    {
        Mount("100k");
        Directory.CreateDirectory(_disk.File("run"));
        var command = Train(work.File("out-metrics"), _disk.File("run"), checkpointEvery: 0);
        await File.WriteAllBytesAsync(_disk.File("filler"), new byte[88 << 10]);
        await InProcess.RefusedAsync([_disk.File("run"), "cannot be written"], command);
        Assert.Empty(Directory.GetFileSystemEntries(_disk.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Standard_output_that_cannot_be_written_is_one_line_too()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        var (code, _, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start(
                "sh",
                [
                    "-c",
                    "exec dotnet \"$0\" systems --json > /dev/full",
                    Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"),
                ]
            )
        );
        Assert.True(code == ExitCode.BadInput, $"exit code {code}: {error}");
        Assert.Contains("No space left", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private string[] Train(string target, string run, int checkpointEvery) =>
        [
            "train",
            "--data",
            work.Forget,
            "--model",
            work.Model,
            "--out",
            target,
            "--run",
            run,
            "--max-steps",
            "60",
            "--checkpoint-every",
            $"{checkpointEvery}",
        ];

    private void Mount(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a small disk is mounted on Linux only");
        _mounted = Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", _disk.Path);
        Assert.SkipUnless(_mounted, "mounting a small disk needs rights that this user does not have");
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
