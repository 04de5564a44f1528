using System.CommandLine;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Which options name what is read, and which what is written.</summary>
public sealed class CommandPlacesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_counts_as_an_input_of_no_command()
    {
        string[] read =
        [
            "--adapter",
            "--alternates",
            "--anchors",
            "--base",
            "--by-plan",
            "--data",
            "--facts",
            "--forget",
            "--forget-run",
            "--holdout",
            "--json-schema",
            "--key",
            "--model",
            "--original",
            "--real-authors",
            "--requests",
            "--retain",
            "--retained",
            "--retrained",
            "--sign-key",
            "--text",
            "--tokenizer",
            "--world-facts",
        ];
        var inputs = CommandTree
            .All()
            .SelectMany(command => command.Options.Select(option => Parse(CommandTree.PathOf(command), option)))
            .SelectMany(CommandPlaces.Inputs)
            .Where(place => place.Symbol is Option)
            .Select(place => place.Name)
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(read, inputs);
    }

    [Fact]
    public void Every_command_looks_at_the_places_of_its_results_before_any_work()
    {
        var written = CommandTree
            .All()
            .SelectMany(command => command.Options.Select(option => Parse(CommandTree.PathOf(command), option)))
            .SelectMany(CommandPlaces.Outputs)
            .Select(output => output.Place.Name)
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(["--baseline", "--cache", "--docs", "--keep-adapter", "--out", "--plan", "--session"], written);
    }

    [Fact]
    public async Task Results_of_reproductions_go_to_a_folder_that_is_not_there_yet()
    {
        var place = _folder.File("new", "results");
        await InProcess.RefusedAsync(
            ["--seeds: 'one' is not a whole number"],
            "reproduce",
            "npo",
            "--out",
            place,
            "--docs",
            Path.Combine(place, "page.md"),
            "--cache",
            Path.Combine(place, "cache"),
            "--seeds",
            "one"
        );
        Assert.False(Directory.Exists(place));
    }

    [Theory]
    [InlineData("--out", "is a file; needed is a folder")]
    [InlineData("--cache", "is a file; needed is a folder")]
    [InlineData("--docs", "is a folder; needed is a file")]
    public void A_file_where_a_folder_is_kept_is_refused_and_so_is_a_folder_where_a_page_goes(string option, string why)
    {
        var place = _folder.File("place");
        if (option == "--docs")
            Directory.CreateDirectory(place);
        else
            File.WriteAllText(place, "");
        var parsed = CommandTree.Root.Parse(["reproduce", "npo", option, place]);
        var error = Assert.Throws<InputException>(() => OutputCheck.Require(parsed));
        Assert.Equal($"{option}: {place} {why}.", error.Message);
    }

    [Fact]
    public void What_a_run_kept_is_used_again_without_being_asked_for()
    {
        File.WriteAllText(_folder.File("npo.json"), "{}");
        File.WriteAllText(_folder.File("page.md"), "");
        OutputCheck.Require(
            CommandTree.Root.Parse(["reproduce", "npo", "--out", _folder.Path, "--docs", _folder.File("page.md")])
        );
    }

    private static ParseResult Parse(string command, Option option) =>
        CommandTree.Root.Parse([.. command.Split(' '), option.Name, "x"]);
}
