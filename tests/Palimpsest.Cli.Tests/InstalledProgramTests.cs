using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>A freshly copied program, whose native library has not been patched yet.</summary>
public sealed class InstalledProgramTests : IDisposable
{
    private const string Library = "libLibTorchSharp.so";
    private static readonly string Native = Path.Combine("runtimes", "linux-x64", "native");

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Run("find", _folder.Path, "-type", "d", "-exec", "chmod", "755", "{}", "+");
        _folder.Dispose();
    }

    private string Program => _folder.File("program");

    [Fact]
    public async Task Four_processes_that_start_at_once_patch_it_together_and_all_run()
    {
        Install();
        using var work = new TinyWorkspace();
        var processes = Enumerable
            .Range(0, 4)
            .Select(_ =>
                PalimpsestProcess.Start(
                    "dotnet",
                    [
                        Path.Combine(Program, "palimpsest.dll"),
                        "generate",
                        "--model",
                        work.Model,
                        "--prompt",
                        "x",
                        "--max-new-tokens",
                        "1",
                    ]
                )
            )
            .ToArray();
        var results = await Task.WhenAll(processes.Select(PalimpsestProcess.FinishAsync));
        Assert.All(results, result => Assert.True(result.ExitCode == ExitCode.Done, result.Error));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, Native, Library)),
            await File.ReadAllBytesAsync(Path.Combine(Program, Native, Library))
        );
        Assert.Empty(Directory.GetFiles(Program, "*.tmp", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.Combine(Program, "cpu")));
    }

    [Fact]
    public async Task In_a_folder_that_cannot_be_written_one_line_says_what_is_wrong()
    {
        Install();
        Assert.SkipUnless(SystemLacksVersion(), "this system's libstdc++ needs no patch");
        Run("find", _folder.Path, "-type", "d", "-exec", "chmod", "555", "{}", "+");
        string[] kept =
            Environment.UserName == "root"
                ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
                : ["env"];
        Assert.SkipUnless(Run(kept[0], [.. kept[1..], "true"]), "setpriv cannot take root's right to write everywhere");
        var (code, output, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start(
                kept[0],
                [.. kept[1..], "dotnet", Path.Combine(Program, "palimpsest.dll"), "systems"]
            )
        );
        Assert.True(code == ExitCode.BadInput, $"exit code {code}: {error}{output}");
        // What is only said comes before what ends the program.
        var line = error.TrimEnd('\n').Split('\n')[^1];
        Assert.Contains(Library, line, StringComparison.Ordinal);
        Assert.Contains("GLIBCXX_3.4.32", line, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    // The two files that are patched are put back to what a package holds; the others are links where one disk has
    // both.
    private void Install()
    {
        var source = Path.Combine(AppContext.BaseDirectory, Native, Library);
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && File.Exists(source),
            "there is no Linux library in the output folder"
        );
        if (!Run("cp", "-al", AppContext.BaseDirectory, Program))
        {
            Directory.Delete(Program, recursive: true);
            Assert.True(Run("cp", "-a", AppContext.BaseDirectory, Program));
        }

        PutBack(
            Path.Combine(Program, Native, Library),
            bytes => bytes[Models.ElfVersionTable.FindNeed(bytes, "GLIBCXX_3.4.32")] = 0
        );
        PutBack(
            Path.Combine(Program, "TorchSharp.dll"),
            bytes =>
            {
                var modes = Models.DebuggableAttributeBlob.FindModes(bytes);
                (bytes[modes], bytes[modes + 1]) = (2, 0);
            }
        );
    }

    private static void PutBack(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }

    private static bool SystemLacksVersion() =>
        (File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Native, Library)) is var bytes)
        && bytes[Models.ElfVersionTable.FindNeed(bytes, "GLIBCXX_3.4.32")] != 0;

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
