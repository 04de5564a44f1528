using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class ModelGetVerbTests
{
    [Fact]
    public async Task A_model_is_brought_from_the_hub_that_the_environment_names()
    {
        using var hub = new FakeHub();
        using var home = new TemporaryFolder();
        hub.Files["a/b/model.safetensors"] = "weights"u8.ToArray();
        var environment = new Dictionary<string, string>
        {
            ["HF_ENDPOINT"] = hub.Address.ToString(),
            ["HF_HOME"] = home.Path,
        };
        var (exitCode, output, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start(environment, "model", "get", "a/b", "--json")
        );
        Assert.True(exitCode == 0, error);
        using var result = JsonDocument.Parse(output);
        var folder = result.RootElement.GetProperty("path").GetString()!;
        Assert.StartsWith(home.Path, folder, StringComparison.Ordinal);
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(folder, "model.safetensors")));

        (exitCode, _, error) = await PalimpsestProcess.FinishAsync(
            PalimpsestProcess.Start(environment, "model", "get", "a/c")
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("a/c: localhost has no such model", error, StringComparison.Ordinal);
    }
}
