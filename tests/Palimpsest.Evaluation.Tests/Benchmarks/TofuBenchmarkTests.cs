using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TofuBenchmarkTests(ITestOutputHelper output)
{
    private const string Evaluation = "TOFU_EVAL.json";
    private const string Summary = "TOFU_SUMMARY.json";

    /// <summary>What needs neither answers in words nor gradients, nor another part than the forget rows.</summary>
    private static readonly string[] s_ofProbabilities =
    [
        "exact_memorization",
        "extraction_strength",
        "forget_Q_A_PARA_Prob",
        "forget_Q_A_PERT_Prob",
        "forget_Q_A_Prob",
        "forget_quality",
        "forget_truth_ratio",
        "mia_loss",
        "mia_min_k",
        "mia_min_k_plus_plus",
        "mia_zlib",
        "privleak",
    ];

    [Fact, Trait("Category", "Golden")]
    public async Task Every_value_equals_that_of_the_public_evaluator()
    {
        var reference = TofuReference.Read(Path.Combine(Golden("retain"), Evaluation));
        var (root, written) = await WrittenAsync("full", data => data, new(), reference);
        using (written)
        {
            Agree(root, written.Path, Evaluation);
            Agree(root, written.Path, Summary);
        }
    }

    [Fact, Trait("Category", "Golden")]
    public async Task Without_a_retained_model_leakage_is_against_chance_and_forget_quality_is_left_open()
    {
        var (root, written) = await WrittenAsync(
            "retain",
            data => data with { Retain = [.. data.Retain.Take(1)], RealAuthors = [], WorldFacts = [] },
            new() { MaxNewTokens = 1, GradientNorm = false },
            reference: null
        );
        using (written)
        {
            Agree(root, written.Path, Evaluation, s_ofProbabilities);
            Agree(root, written.Path, Summary, s_ofProbabilities);
        }
    }

    private static string Golden(string name)
    {
        var folder = GoldenFolder.TryGet("tofu-small", "eval", name);
        Assert.SkipWhen(folder is null, "the TOFU models are not here");
        return folder!;
    }

    private async Task<(string Golden, TemporaryFolder Written)> WrittenAsync(
        string name,
        Func<TofuData, TofuData> part,
        TofuOptions options,
        TofuReference? reference
    )
    {
        var (golden, folder) = (Golden(name), GoldenFolder.TryGet("tofu-small", name));
        var data = Path.GetFullPath(Path.Combine(GoldenFolder.Root, "..", "data", "tofu"));
        Assert.SkipWhen(folder is null || !Directory.Exists(data), "the TOFU models or rows are not here");
        using var model = LanguageModel.Load(folder!);
        var rows = TofuData.Load(data, "forget10", Path.Combine(GoldenFolder.Root, "tofu-small", "holdout10.json"));
        var clock = Stopwatch.StartNew();
        var result = await TofuBenchmark.RunAsync(model, part(rows), options, reference);
        output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:f1} s");
        var written = new TemporaryFolder();
        result.WriteOpenUnlearning(written.Path);
        return (golden, written);
    }

    private void Agree(string expectedFolder, string actualFolder, string file, string[]? only = null)
    {
        using var expected = Read(expectedFolder, file, only);
        using var actual = Read(actualFolder, file, only);
        var comparison = new OpenUnlearningComparison();
        comparison.Compare(expected.RootElement, actual.RootElement);
        Assert.True(comparison.Values >= (file == Summary ? 9 : 4000), $"{comparison.Values} values");
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

    private static JsonDocument Read(string folder, string file, string[]? only)
    {
        var all = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)))!.AsObject();
        foreach (var name in all.Select(metric => metric.Key).Where(name => only?.Contains(name) == false).ToArray())
            all.Remove(name);
        return JsonDocument.Parse(all.ToJsonString());
    }
}
