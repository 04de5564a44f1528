using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

[Trait("Category", "Golden")]
public sealed class StatisticsTests
{
    private static readonly JsonElement Golden = Read();

    [Fact]
    public void Rouge_equals_rouge_score_with_and_without_stems()
    {
        foreach (var row in Golden.GetProperty("rouge").EnumerateArray())
        {
            var (target, prediction, stem) = (
                row.GetProperty("target").GetString()!,
                row.GetProperty("prediction").GetString()!,
                row.GetProperty("stemmer").GetBoolean()
            );
            AssertOverlap(row.GetProperty("rouge1"), Rouge.N(1, target, prediction, stem), prediction);
            AssertOverlap(row.GetProperty("rouge2"), Rouge.N(2, target, prediction, stem), prediction);
            AssertOverlap(row.GetProperty("rougeL"), Rouge.L(target, prediction, stem), prediction);
        }
    }

    [Fact]
    public void The_Kolmogorov_Smirnov_test_equals_scipys()
    {
        foreach (var row in Golden.GetProperty("ks_2samp").EnumerateArray())
        {
            var result = KolmogorovSmirnov.Test(Values(row, "a"), Values(row, "b"));
            Assert.Equal(row.GetProperty("statistic").GetDouble(), result.Statistic, 1e-9);
            var p = row.GetProperty("pvalue").GetDouble();
            if (p > 0)
                Assert.Equal(Math.Log10(p), result.LogP / Math.Log(10), 0.01);
        }
    }

    [Fact]
    public void The_area_under_the_curve_counts_ties_as_half()
    {
        foreach (var row in Golden.GetProperty("roc_auc").EnumerateArray())
            Assert.Equal(
                row.GetProperty("auc").GetDouble(),
                RocAuc.Of(Values(row, "negatives"), Values(row, "positives")),
                1e-9
            );
    }

    [Fact]
    public void Means_and_rank_statistics_equal_scipys()
    {
        var (harmonic, tau, rho, whitney) = (
            Golden.GetProperty("harmonic_mean"),
            Golden.GetProperty("kendall_tau_b"),
            Golden.GetProperty("spearman"),
            Golden.GetProperty("mann_whitney")
        );
        Assert.Equal(harmonic.GetProperty("result").GetDouble(), HarmonicMean.Of(Values(harmonic, "values")), 1e-9);
        Assert.Equal(tau.GetProperty("tau").GetDouble(), KendallTau.B(Values(tau, "a"), Values(tau, "b")), 1e-9);
        Assert.Equal(rho.GetProperty("rho").GetDouble(), Spearman.Rho(Values(rho, "a"), Values(rho, "b")), 1e-9);
        Assert.Equal(
            whitney.GetProperty("u").GetDouble(),
            MannWhitney.U(Values(whitney, "a"), Values(whitney, "b")),
            1e-9
        );
        Assert.Equal(
            whitney.GetProperty("pvalue").GetDouble(),
            MannWhitney.P(Values(whitney, "a"), Values(whitney, "b")),
            1e-6
        );
    }

    [Fact]
    public void Wilson_intervals_equal_the_reference()
    {
        foreach (var row in Golden.GetProperty("wilson95").EnumerateArray())
        {
            var interval = WilsonInterval.Of(row.GetProperty("k").GetInt32(), row.GetProperty("n").GetInt32());
            Assert.Equal(row.GetProperty("low").GetDouble(), interval.Low, 1e-6);
            Assert.Equal(row.GetProperty("high").GetDouble(), interval.High, 1e-6);
        }
    }

    private static void AssertOverlap(JsonElement expected, Overlap actual, string text)
    {
        foreach (
            var (want, have) in expected
                .EnumerateArray()
                .Select(v => v.GetDouble())
                .Zip([actual.Precision, actual.Recall, actual.F1])
        )
            Assert.True(Math.Abs(want - have) < 1e-9, $"{text}: {want} against {have}");
    }

    private static double[] Values(JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    private static JsonElement Read()
    {
        var path =
            GoldenFolder.TryGet("metrics", "metrics.json")
            ?? Path.Combine(GoldenFolder.Repository, "tests", "golden", "metrics", "metrics.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }
}
