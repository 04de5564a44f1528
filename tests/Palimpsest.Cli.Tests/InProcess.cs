namespace Palimpsest.Cli.Tests;

/// <summary>The program without a process of its own, for tests in which the process is not the point: what it would
/// print is caught, as if both streams were redirected, libtorch is there already, and every result that is JSON is
/// checked.</summary>
internal static class InProcess
{
    // As with PalimpsestProcess: what a command puts beside it stays out of the repository.
    static InProcess() => Environment.CurrentDirectory = Path.GetTempPath();

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        // Work reports from several threads.
        var code = await Shell.RunAsync(arguments, TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        if (arguments.Contains("--json") && (code is ExitCode.Done or ExitCode.Failed))
            JsonResult.Require(output.ToString());
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs it and expects success; gives standard output.</summary>
    public static async Task<string> DoneAsync(params string[] arguments) =>
        PalimpsestProcess.Done(await RunAsync(arguments));

    /// <summary>Runs it and expects exit code 2, no result on standard output (beside <c>--json</c> the error), and one
    /// line with <paramref name="words"/>.</summary>
    public static async Task<string> RefusedAsync(IReadOnlyList<string> words, params string[] arguments) =>
        PalimpsestProcess.Refused(words, arguments, await RunAsync(arguments));
}
