using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Palimpsest.Cli.Tests;

/// <summary>The program as a user starts it.</summary>
internal static class PalimpsestProcess
{
    private const int InterruptSignal = 2;
    private static readonly int s_stopSignal = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int s_continueSignal = OperatingSystem.IsMacOS() ? 19 : 18;

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        FinishAsync(Start(arguments));

    /// <summary>Runs it and expects success; gives standard output.</summary>
    public static async Task<string> DoneAsync(params string[] arguments) => Done(await RunAsync(arguments));

    /// <summary>Expects success; gives standard output.</summary>
    public static string Done((int ExitCode, string Output, string Error) result)
    {
        Assert.True(result.ExitCode == ExitCode.Done, $"exit code {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output;
    }

    /// <summary>Expects exit code 2, no result on standard output (beside <c>--json</c> the error), and one line with
    /// <paramref name="words"/>.</summary>
    public static string Refused(
        IReadOnlyList<string> words,
        string[] arguments,
        (int ExitCode, string Output, string Error) result
    )
    {
        var (code, output, error) = result;
        Assert.True(code == ExitCode.BadInput, $"exit code {code}: {error}{output}");
        if (arguments.Contains("--json"))
            Assert.StartsWith("{\n  \"error\": {", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        else
            Assert.Empty(output);
        var line = Assert.Single(
            error.TrimEnd('\n').Split('\n'),
            text => !text.StartsWith("Training: ", StringComparison.Ordinal)
        );
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        return line;
    }

    /// <summary>Starts it; the caller waits with <see cref="FinishAsync"/>.</summary>
    public static Process Start(params IReadOnlyList<string> arguments) =>
        Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"), .. arguments]);

    /// <summary>Starts it with further environment variables.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = Redirected("dotnet", [Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"), .. arguments]);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Starts any program with its output redirected.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, string? folder = null) =>
        Process.Start(Redirected(program, arguments, folder))!;

    /// <summary>Waits for the end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> FinishAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
    }

    /// <summary>Skips a test that sends what Ctrl-C sends, where programs cannot hear it.</summary>
    public static void SkipWithoutInterrupts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are of Unix");
        const string field = "SigIgn:";
        var ignored = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))
            : null;
        var mask = ignored is null
            ? 0
            : ulong.Parse(ignored.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen(
            (mask & (1 << (InterruptSignal - 1))) != 0,
            "whoever started the tests lets Ctrl-C be ignored (nohup, a shell's background job)"
        );
    }

    /// <summary>Sends what Ctrl-C sends, to one that is stopped too. A process of its own, kill(1), takes so long to
    /// start on a busy machine that a short run ends before.</summary>
    public static void Interrupt(Process process)
    {
        Assert.Equal(0, Kill(process.Id, InterruptSignal));
        Assert.Equal(0, Kill(process.Id, s_continueSignal));
    }

    /// <summary>
    /// Leaves it stopped where a look at its files gives true. It runs for a millisecond between two looks, so that it
    /// does not run away on a busy machine.
    /// </summary>
    public static void StopWhen(Process process, Func<bool> seen)
    {
        for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(1))
        {
            var running = Kill(process.Id, s_stopSignal) == 0;
            if (seen())
                return;
            Assert.True(
                running && !process.HasExited,
                $"ended too early: {(process.HasExited ? process.StandardError.ReadToEnd() : "")}"
            );
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), "takes too long");
            Assert.Equal(0, Kill(process.Id, s_continueSignal));
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    private static ProcessStartInfo Redirected(string program, IEnumerable<string> arguments, string? folder = null) =>
        new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
}
