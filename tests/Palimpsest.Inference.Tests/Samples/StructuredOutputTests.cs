using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class StructuredOutputTests
{
    [Fact]
    public async Task The_program_in_the_docs_runs_as_it_is_printed()
    {
        var docs = File.ReadAllText(Path.Combine(GoldenFolder.Repository, "docs", "structured-output.md"));
        var program = File.ReadAllText(Path.Combine(GoldenFolder.Repository, "samples/StructuredOutput/Program.cs"));
        Assert.Contains($"```csharp\n{program}```", docs, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        ToolCaller.Model.Save(Path.Combine(folder.Path, "model"));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StructuredOutput.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        var lines = (await output).Trim().Split('\n');
        Assert.True(double.TryParse(lines[0], out _), lines[0]);
        Assert.Equal("Ada (42).", lines[^1]);
    }
}
