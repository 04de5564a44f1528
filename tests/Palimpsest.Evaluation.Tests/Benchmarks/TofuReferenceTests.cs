using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TofuReferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ratios_and_the_area_are_read()
    {
        File.WriteAllText(
            _folder.File("TOFU_EVAL.json"),
            """
            {"forget_truth_ratio":{"value_by_index":{"0":{"score":0.5},"1":{"score":0.25}}},
             "mia_min_k":{"agg_value":0.75}}
            """
        );
        var reference = TofuReference.Read(_folder.File("TOFU_EVAL.json"));
        Assert.Equal([0.5, 0.25], reference.ForgetTruthRatios);
        Assert.Equal(0.75, reference.MinKAuc);
    }

    [Theory]
    [InlineData("", "is not a TOFU_EVAL.json")]
    [InlineData("[]", "is not a TOFU_EVAL.json")]
    [InlineData("{}", "is not a TOFU_EVAL.json")]
    [InlineData("""{"forget_truth_ratio":3}""", "is not a TOFU_EVAL.json")]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":[]}}""", "is not a TOFU_EVAL.json")]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":{}}}""", "has no row")]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":{"0":{}}}}""", "is not a TOFU_EVAL.json")]
    [InlineData(
        """{"forget_truth_ratio":{"value_by_index":{"0\n1":{"score":null}}}}""",
        "0 1: score",
        "no finite number"
    )]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":{"0":{"score":"0.5"}}}}""", "0: score", "no finite number")]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":{"0":{"score":1e999}}}}""", "0: score", "no finite number")]
    [InlineData("""{"forget_truth_ratio":{"value_by_index":{"0":{"score":NaN}}}}""", "is not a TOFU_EVAL.json")]
    [InlineData(
        """{"forget_truth_ratio":{"value_by_index":{"0":{"score":1}}},"mia_min_k":{"agg_value":[]}}""",
        "mia_min_k: agg_value"
    )]
    public void A_file_of_another_kind_is_refused_in_one_line(string json, params string[] words)
    {
        File.WriteAllText(_folder.File("TOFU_EVAL.json"), json);
        Refusal.Of(() => TofuReference.Read(_folder.File("TOFU_EVAL.json")), ["TOFU_EVAL.json", .. words]);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Refusal.Of(() => TofuReference.Read(_folder.File("none.json")), "none.json");
}
