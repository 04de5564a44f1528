using System.CommandLine;

namespace Palimpsest.Cli.Tests;

/// <summary>What is read of a command line's inputs, and how often.</summary>
public sealed class InputHashesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("palimpsest-").FullName;

    [Fact]
    public void Each_input_is_read_once_for_one_command_line_and_again_for_the_next()
    {
        var (model, rows) = (Path.Combine(_folder, "model"), Path.Combine(_folder, "rows.jsonl"));
        Directory.CreateDirectory(model);
        File.WriteAllText(Path.Combine(model, "config.json"), "{}");
        File.WriteAllText(rows, "row");
        var (command, expected) = (new Command("x"), (ContentHash.Of(model), ContentHash.Of(rows)));
        var hashes = InputHashes.For(command.Parse([]));
        Assert.Equal(expected, (hashes.Of(model), hashes.Of(rows)));
        Assert.Equal("config.json", Assert.Single(hashes.OfFolder(model)).Name);

        File.WriteAllText(Path.Combine(model, "config.json"), "{ }");
        File.WriteAllText(rows, "other");
        Assert.Equal(expected, (hashes.Of(model), hashes.OfFile(rows)));
        var next = InputHashes.For(command.Parse([]));
        Assert.Equal((ContentHash.Of(model), ContentHash.Of(rows)), (next.Of(model), next.Of(rows)));
        Assert.NotEqual(expected, (next.Of(model), next.Of(rows)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
