using System.Diagnostics;
using System.Globalization;

namespace Palimpsest.LlamaCpp;

/// <summary>llama.cpp in a process of its own.</summary>
internal static class LlamaCppProcess
{
    /// <summary>The likeliest continuation of a prompt by each of several models.</summary>
    /// <param name="models">GGUF files.</param>
    /// <param name="prompt">Token ids.</param>
    /// <param name="count">Tokens to make.</param>
    public static int[][] Greedy(IEnumerable<string> models, IEnumerable<int> prompt, int count) =>
        [
            .. Run(["greedy", Text(count), string.Join(',', prompt.Select(Text)), .. models])
                .Split('\n')
                .Select(line => line.Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray()),
        ];

    /// <summary>Tokens a second when a prompt is read, and when one token comes after it.</summary>
    public static (double Prefill, double Decode) Speed(string model, int threads, int context)
    {
        var parts = Run("speed", model, Text(threads), Text(context)).Split(' ');
        return (Number(parts[0]), Number(parts[1]));
    }

    private static string Run(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Program(), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"llama.cpp ended with {process.ExitCode}: {error.Result.Trim()}");
    }

    // Beside this program's own output, in the same configuration.
    private static string Program()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        for (var folder = here; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Palimpsest.slnx")))
                return Path.Combine(
                    folder.FullName,
                    "benchmarks",
                    "Palimpsest.LlamaCpp",
                    "bin",
                    configuration,
                    framework,
                    "Palimpsest.LlamaCpp.dll"
                );
        }

        throw new DirectoryNotFoundException($"No Palimpsest.slnx above '{AppContext.BaseDirectory}'.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
