using System.Diagnostics;

namespace Palimpsest.Reproductions;

/// <summary>The command line as a child process.</summary>
/// <param name="file">What is started.</param>
/// <param name="prefix">Arguments before the command's own, for example the path of the program's library.</param>
public sealed class ChildProgram(string file, params IReadOnlyList<string> prefix)
{
    /// <summary>The program that is running, started once more.</summary>
    public static ChildProgram Self()
    {
        var running = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(running) == "dotnet"
            ? new(running, Path.GetFullPath(Environment.GetCommandLineArgs()[0]))
            : new(running);
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">The command.</param>
    /// <param name="cancellationToken">Ends the child and what it started.</param>
    /// <param name="allowed">Exit codes besides 0 that are no error.</param>
    /// <returns>Its standard output.</returns>
    /// <exception cref="InputException">It ended with another exit code; the message has its last line.</exception>
    public async Task<string> RunAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        params IReadOnlyList<int> allowed
    )
    {
        var start = new ProcessStartInfo(file, [.. prefix, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Every tensor is mapped on its own and unmapped when it is freed, so that a peak counts tensors and not what
        // the allocator keeps.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "131072";
        using var process = Process.Start(start) ?? throw new InputException($"{file}: cannot be started.");
        try
        {
            var (output, error) = (
                process.StandardOutput.ReadToEndAsync(cancellationToken),
                process.StandardError.ReadToEndAsync(cancellationToken)
            );
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            var (text, lines) = (await output.ConfigureAwait(false), await error.ConfigureAwait(false));
            return process.ExitCode == 0 || allowed.Contains(process.ExitCode)
                ? text
                : throw new InputException(
                    $"'{string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: "
                        + $"{lines.Trim().Split('\n')[^1]}"
                );
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
