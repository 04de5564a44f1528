using System.Text.Json;
using Palimpsest.Cli;
using Palimpsest.Cli.Tests;
using Palimpsest.TestKit;

namespace Palimpsest.Reproductions.Tests;

public sealed class ReproduceVerbTests
{
    private const string ThereAre =
        "there are: npo, codeeraser, sleek, streaming-llm, snapkv, kivi, cut-cross-entropy.";

    [Fact]
    public async Task An_unknown_system_gets_the_nearest_name()
    {
        var (code, _, error) = await PalimpsestProcess.RunAsync("reproduce", "sleak");
        Assert.Equal(
            (ExitCode.BadInput, $"palimpsest: Unknown reproduction 'sleak', perhaps 'sleek'; {ThereAre}"),
            (code, error.Trim())
        );
    }

    [Theory]
    [InlineData("perhaps 'unlearning'", "--group", "unlearing")]
    [InlineData(ThereAre)]
    [InlineData("allowed is one of them", "npo", "--all")]
    [InlineData("'one' is not a whole number", "npo", "--seeds", "one")]
    [InlineData("each once", "npo", "--seeds", "2,2")]
    [InlineData("--jobs: 0 is too small", "--all", "--jobs", "0")]
    public async Task A_bad_request_gets_one_line(string part, params string[] arguments)
    {
        var (code, _, error) = await PalimpsestProcess.RunAsync(["reproduce", .. arguments]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Finished_results_are_listed_and_rendered_without_a_measurement()
    {
        using var folder = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(Path.Combine(GoldenFolder.Repository, "docs", "reproductions")))
            File.Copy(path, folder.File(Path.GetFileName(path)));
        var (code, output, error) = await PalimpsestProcess.RunAsync(
            "reproduce",
            "--all",
            "--jobs",
            "2",
            "--out",
            folder.Path,
            "--docs",
            folder.File("page.md"),
            "--cache",
            folder.File("cache"),
            "--json"
        );
        var results = JsonDocument.Parse(output).RootElement.EnumerateArray().ToArray();
        Assert.Equal(
            Catalog.All.Select(entry => entry.Id),
            results.Select(result => result.GetProperty("id").GetString())
        );
        Assert.True(
            code
                == (
                    results.All(result => result.GetProperty("outcome").GetString() == "shown")
                        ? ExitCode.Done
                        : ExitCode.Failed
                ),
            error
        );
        Assert.Equal(
            File.ReadAllText(Path.Combine(GoldenFolder.Repository, "docs", "reproductions.md")),
            File.ReadAllText(folder.File("page.md"))
        );
        Assert.False(Directory.Exists(folder.File("cache")));
    }

    [Fact]
    public async Task Systems_lists_every_catalogue_and_writes_the_page()
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = await PalimpsestProcess.RunAsync(
            "systems",
            "--json",
            "--docs",
            folder.File("systems.md")
        );
        Assert.True(code == ExitCode.Done, error);
        var listed = JsonDocument
            .Parse(output)
            .RootElement.EnumerateArray()
            .ToDictionary(
                line => line.GetProperty("id").GetString()!,
                line => line.GetProperty("offers").EnumerateArray().Select(offer => offer.GetString()).ToArray()
            );
        Assert.Equal(Systems.All.Select(entry => entry.Id), listed.Keys);
        Assert.Equal(["method", "reproduction"], listed["npo"]);
        Assert.Equal(["adapter"], listed["lora"]);
        Assert.Equal(SystemsPage.Render(), File.ReadAllText(folder.File("systems.md")));
    }
}
