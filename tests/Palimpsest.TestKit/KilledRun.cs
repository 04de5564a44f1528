using System.Diagnostics;
using System.Reflection;

namespace Palimpsest.TestKit;

/// <summary>Runs an explicit test as a process of its own and kills it (SIGKILL) once it has come to a place.</summary>
public static class KilledRun
{
    private const string Variable = "PALIMPSEST_KILLED_RUN";
    private const int Killed = 128 + 9;

    /// <summary>In the process that is to be killed: what the test is about, and the folder it writes to.</summary>
    public static (string Subject, string Folder) Arguments
    {
        get
        {
            var text = Environment.GetEnvironmentVariable(Variable);
            Assert.SkipWhen(text is null, "runs only in a process that is to be killed");
            var parts = text!.Split('|');
            return (parts[0], parts[1]);
        }
    }

    /// <summary>In the process that is to be killed: says that the place is reached, and waits for the kill.</summary>
    public static void WaitIn(string folder)
    {
        File.WriteAllText(Marker(folder), "");
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Starts the test, kills it where it waits, and returns when it is gone.</summary>
    /// <param name="tests">The assembly of the test.</param>
    /// <param name="method">The test's class and name.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="folder">The folder it writes to.</param>
    public static async Task RunAsync(Assembly tests, string method, string subject, string folder)
    {
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo(
            "dotnet",
            [tests.Location, "--filter-method", $"*.{method}", "--explicit", "only", "--no-progress"]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = $"{subject}|{folder}";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        for (var clock = Stopwatch.StartNew(); !File.Exists(Marker(folder)); await Task.Delay(10))
        {
            Assert.False(process.HasExited, process.HasExited ? await output + await error : "");
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), "takes too long");
        }

        process.Kill();
        await process.WaitForExitAsync();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(Killed, process.ExitCode);
    }

    private static string Marker(string folder) => Path.Combine(folder, "reached");
}
