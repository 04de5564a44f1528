using System.IO.Compression;
using System.Xml.Linq;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>What a .NET developer does first: takes the packages, makes a program of the template, runs it.</summary>
public sealed class PackagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_program_of_the_README_runs_in_an_empty_project_made_of_the_packages()
    {
        await DotnetAsync(
            GoldenFolder.Repository,
            "msbuild",
            "eng/package/Pack.proj",
            $"-p:PackageOutputPath={_folder.File("feed")}",
            $"-p:Configuration={Configuration()}",
            "-v:q",
            "-nologo"
        );
        Assert.All(Directory.GetFiles(_folder.File("feed"), "*.nupkg"), SaysWhatItIs);
        await WriteFeedAsync();
        await LinkAsync();
        var hive = new[] { "--debug:custom-hive", _folder.File("hive") };
        var template = Path.Combine(GoldenFolder.Repository, "templates", "content", "palimpsest");
        await DotnetAsync(_folder.Path, ["new", "install", template, .. hive]);
        await DotnetAsync(_folder.Path, ["new", "palimpsest", "-o", "app", .. hive]);
        Assert.Equal(Snippet(), await File.ReadAllTextAsync(_folder.File("app", "Program.cs")));
        var built = await DotnetAsync(_folder.File("app"), "build", "-v", "q", "-nologo");
        Assert.DoesNotContain("PALIMPSEST001", built, StringComparison.Ordinal);
        using (var model = TinyChatModel.Create(256))
            model.Save(_folder.File("app", "model"));
        var (exitCode, output, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start("dotnet", [Path.Combine("bin", "Debug", "net10.0", "app.dll")], _folder.File("app"))
        );
        Assert.True(exitCode == 0, error);
        Assert.NotEmpty(output);

        var project = XDocument.Load(_folder.File("app", "app.csproj"));
        project
            .Descendants("PackageReference")
            .Where(reference => reference.Attribute("Include")!.Value.Contains("libtorch", Ordinal))
            .Remove();
        project.Save(_folder.File("app", "app.csproj"));
        // As far as a build says it: what is compiled and copied after that is as before.
        built = await DotnetAsync(_folder.File("app"), "msbuild", "-restore", "-t:ResolvePackageAssets", "-nologo");
        Assert.Contains("warning PALIMPSEST001: Palimpsest runs models on libtorch", built, StringComparison.Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static void SaysWhatItIs(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        using var file = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", Ordinal)).Open();
        var fields = XDocument.Load(file).Descendants().ToLookup(node => node.Name.LocalName, node => node.Value);
        Assert.Equal("MIT", fields["license"].Single());
        Assert.InRange(fields["description"].Single().Length, 20, 300);
        Assert.NotNull(archive.GetEntry(fields["readme"].Single()));
        Assert.NotNull(archive.GetEntry(fields["icon"].Single()));
        var isTemplate = Path.GetFileName(package).StartsWith("Palimpsest.Templates", Ordinal);
        Assert.True(isTemplate || File.Exists(Path.ChangeExtension(package, ".snupkg")), package);
    }

    // libtorch is linked, not copied, as the repository's own programs do.
    private Task LinkAsync() =>
        File.WriteAllTextAsync(
            _folder.File("Directory.Build.props"),
            """
            <Project><PropertyGroup>
              <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
            </PropertyGroup></Project>
            """
        );

    // What the repository itself was restored from serves the packages of others; nothing is asked over the network.
    private async Task WriteFeedAsync()
    {
        var machine =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(
            _folder.File("nuget.config"),
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder.File("packages")}" /></config>
              <fallbackPackageFolders><clear /><add key="machine" value="{machine}" /></fallbackPackageFolders>
              <packageSources><clear /><add key="feed" value="{_folder.File("feed")}" /></packageSources>
            </configuration>
            """
        );
    }

    private static string Configuration() =>
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    private static string Snippet()
    {
        var text = File.ReadAllText(Path.Combine(GoldenFolder.Repository, "README.md"));
        var start = text.IndexOf("```csharp\n", Ordinal) + "```csharp\n".Length;
        return text[start..text.IndexOf("```", start, Ordinal)];
    }

    private static async Task<string> DotnetAsync(string folder, params IEnumerable<string> arguments)
    {
        var (exitCode, output, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start("dotnet", arguments, folder)
        );
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }
}
