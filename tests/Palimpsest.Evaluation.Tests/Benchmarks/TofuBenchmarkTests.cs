using System.Diagnostics;
using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TofuBenchmarkTests(ITestOutputHelper output)
{
    private const string Evaluation = "TOFU_EVAL.json";
    private const string Summary = "TOFU_SUMMARY.json";

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
        var reference = retained is null ? null : TofuReference.Read(Path.Combine(root, "eval", retained, Evaluation));
        var result = await TofuBenchmark.RunAsync(
            model,
            TofuData.Load(data, "forget10", Path.Combine(root, "holdout10.json")),
            new(),
            reference
        );
        output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:f1} s");
        using var written = new TemporaryFolder();
        result.WriteOpenUnlearning(written.Path);
        Agree(Path.Combine(root, "eval", name), written.Path, Evaluation);
        Agree(Path.Combine(root, "eval", name), written.Path, Summary);
    }

    private void Agree(string expectedFolder, string actualFolder, string file)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(expectedFolder, file)));
        using var actual = JsonDocument.Parse(File.ReadAllText(Path.Combine(actualFolder, file)));
        var comparison = new OpenUnlearningComparison();
        comparison.Compare(expected.RootElement, actual.RootElement);
        output.WriteLine(
            $"{file}: {comparison.Values} values, largest difference {comparison.Largest:g3} at {comparison.Worst}; "
                + $"{comparison.EqualTexts} of {comparison.Texts} texts are equal"
        );
        Assert.Empty(comparison.Faults.Take(10));
        Assert.True(
            comparison.EqualTexts >= 0.995 * comparison.Texts,
            $"{comparison.EqualTexts} of {comparison.Texts} texts are equal"
        );
    }
}
