using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class HouseTests
{
    // What a project may reference, itself or through another.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Foundation"] = [],
        ["Erasure"] = ["Foundation"],
        ["Tokenizers"] = ["Foundation"],
        ["Models"] = ["Erasure", "Tokenizers"],
        ["Checkpoints"] = ["Models"],
        ["Inference"] = ["Checkpoints"],
        ["Training"] = ["Checkpoints"],
        ["Unlearning"] = ["Checkpoints", "Inference", "Training"],
        ["Evaluation"] = ["Erasure", "Models"],
        ["Worlds"] = ["Checkpoints", "Evaluation", "Inference", "Training", "Unlearning"],
        ["Cli"] = ["Erasure", "Evaluation", "Inference", "Reproductions", "Unlearning", "Worlds"],
    };

    [Fact]
    public void References_point_down_and_nowhere_else()
    {
        var folder = Path.Combine(GoldenFolder.Repository, "src");
        var found = Directory
            .GetFiles(folder, "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => ShortName(file), References);
        Assert.Equal(Allowed.Keys.Order(), found.Keys.Order());
        Assert.All(found, project => Assert.Equal(Allowed[project.Key].Order(), project.Value.Order()));
    }

    [Theory]
    [InlineData("Foundation")]
    [InlineData("Erasure")]
    [InlineData("Tokenizers")]
    public async Task A_program_that_references_it_alone_restores_no_libtorch(string name)
    {
        using var folder = new TemporaryFolder();
        var project = Path.Combine(GoldenFolder.Repository, "src", $"Palimpsest.{name}", $"Palimpsest.{name}.csproj");
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "Program.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="{project}" /></ItemGroup>
            </Project>
            """
        );
        var start = new ProcessStartInfo("dotnet", "restore --nologo -v q") { WorkingDirectory = folder.Path };
        start.RedirectStandardOutput = true;
        using var restore = Process.Start(start)!;
        var output = await restore.StandardOutput.ReadToEndAsync();
        await restore.WaitForExitAsync();
        Assert.True(restore.ExitCode == 0, output);
        using var assets = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder.Path, "obj", "project.assets.json"))
        );
        var restored = assets.RootElement.GetProperty("libraries").EnumerateObject().Select(l => l.Name).ToArray();
        Assert.Contains(restored, library => library.StartsWith($"Palimpsest.{name}/", StringComparison.Ordinal));
        Assert.DoesNotContain(restored, library => library.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    // The build refuses long lines of code; comments are not seen by its rule.
    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        var sources = new[] { "src", "tests", "reproductions", "benchmarks", "samples", "eng" }.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(GoldenFolder.Repository, folder), "*.cs", SearchOption.AllDirectories)
        );
        var written = sources.Where(file =>
            !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
        );
        var columns = written.SelectMany(file =>
            File.ReadLines(file).Select((line, index) => (Place: $"{file}:{index + 1}", line.Length))
        );
        Assert.DoesNotContain(columns, line => line.Length > 120);
    }

    private static string[] References(string file) =>
        [
            .. XDocument
                .Load(file)
                .Descendants("ProjectReference")
                .Select(reference => ShortName(reference.Attribute("Include")!.Value)),
        ];

    private static string ShortName(string file) =>
        Path.GetFileNameWithoutExtension(file).Replace("Palimpsest.", "", StringComparison.Ordinal);
}
