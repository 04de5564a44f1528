using Palimpsest.TestKit;
using Palimpsest.Worlds;

[assembly: AssemblyFixture(typeof(Palimpsest.Cli.Tests.TrainedWorld))]

namespace Palimpsest.Cli.Tests;

/// <summary>A small world and a model that <c>palimpsest train</c> taught it, once for all tests that need
/// one.</summary>
public sealed class TrainedWorld : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _model;

    /// <summary>Writes the world and trains nothing yet.</summary>
    public TrainedWorld()
    {
        WorldExport.Write(
            World.Generate(
                new()
                {
                    People = 4,
                    HoldoutPeople = 2,
                    WorldFacts = 4,
                }
            ),
            _folder.File("world")
        );
        _model = new(TrainAsync);
    }

    /// <summary>The model's folder.</summary>
    public Task<string> ModelAsync() => _model.Value;

    /// <summary>A file of the world: <c>forget</c>, <c>retain</c>, <c>holdout</c> or <c>facts</c>.</summary>
    public string Rows(string name) => _folder.File("world", name + ".jsonl");

    public void Dispose() => _folder.Dispose();

    private async Task<string> TrainAsync()
    {
        await InProcess.DoneAsync(
            "train",
            "--data",
            Rows("forget"),
            "--data",
            Rows("retain"),
            "--out",
            _folder.File("full"),
            "--run",
            _folder.File("run-train"),
            "--hidden-size",
            "64",
            "--layers",
            "2",
            "--heads",
            "4",
            "--vocabulary-size",
            "400",
            "--epochs",
            "40",
            "--learning-rate",
            "0.005",
            "--json"
        );
        return _folder.File("full");
    }
}
