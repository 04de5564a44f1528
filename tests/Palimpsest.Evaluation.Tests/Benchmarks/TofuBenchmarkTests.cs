using System.Diagnostics;
using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.Models;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TofuBenchmarkTests(ITestOutputHelper output)
{
    [Theory, Trait("Category", "Golden")]
    [InlineData("full", "retain")]
    [InlineData("retain", null)]
    public async Task Every_value_equals_that_of_the_public_evaluator(string name, string? retained)
    {
        var folder = GoldenFolder.TryGet("tofu-small", name);
        var data = Path.GetFullPath(Path.Combine(GoldenFolder.Root, "..", "data", "tofu"));
        Assert.SkipWhen(folder is null || !Directory.Exists(data), "the TOFU models or rows are not here");
        var root = Path.Combine(GoldenFolder.Root, "tofu-small");
        using var model = LanguageModel.Load(folder!);
        var clock = Stopwatch.StartNew();
        var reference = retained is null ? null : TofuReference.Read(Path.Combine(root, "eval", retained, "TOFU_EVAL.json"));
        var result = await TofuBenchmark.RunAsync(
            model, TofuData.Load(data, "forget10", Path.Combine(root, "holdout10.json")), new(), reference);
        output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:f1} s");
        using var folderOut = new TemporaryFolder();
        result.WriteOpenUnlearning(folderOut.Path);
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "eval", name, "TOFU_EVAL.json")));
        using var actual = JsonDocument.Parse(File.ReadAllText(folderOut.File("TOFU_EVAL.json")));
        var (texts, equal) = (0, 0);
        // Compressed lengths depend on the compressor's matcher: this one score is not the reference's to the byte.
        foreach (var metric in expected.RootElement.EnumerateObject().Where(m => m.Name != "mia_zlib"))
            Compare(metric.Name, metric.Name, metric.Value, actual.RootElement.GetProperty(metric.Name), ref texts, ref equal);
        output.WriteLine($"{equal} of {texts} generated texts are equal");
        Assert.True(equal >= 0.995 * texts, $"{equal} of {texts} texts are equal");
    }

    private static void Compare(string metric, string path, JsonElement expected, JsonElement actual, ref int texts, ref int equal)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                var same = !expected.TryGetProperty("generation", out var text) || text.GetString() == actual.GetProperty("generation").GetString();
                if (expected.TryGetProperty("generation", out _))
                {
                    texts++;
                    equal += same ? 1 : 0;
                }

                foreach (var member in expected.EnumerateObject())
                {
                    if (same || member.Name is "input" or "ground_truth")
                        Compare(metric, $"{path}.{member.Name}", member.Value, actual.GetProperty(member.Name), ref texts, ref equal);
                }

                break;
            case JsonValueKind.Array:
                for (var i = 0; i < expected.GetArrayLength(); i++)
                    Compare(metric, $"{path}[{i}]", expected[i], actual[i], ref texts, ref equal);
                break;
            case JsonValueKind.Number:
                var (want, have) = (expected.GetDouble(), actual.GetDouble());
                if (metric == "forget_quality")
                    Assert.True(Math.Abs(Math.Log10(want) - Math.Log10(have)) <= 0.05, $"{path}: {want} against {have}");
                else
                    Assert.True(Math.Abs(want - have) <= (path.EndsWith("agg_value", StringComparison.Ordinal) ? 1e-3 : 1e-4) * Math.Max(1, Math.Abs(want)), $"{path}: {want} against {have}");
                break;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual.GetString());
                break;
        }
    }
}
