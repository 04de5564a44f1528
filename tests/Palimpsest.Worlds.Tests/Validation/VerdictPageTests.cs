using Palimpsest.Evaluation;

namespace Palimpsest.Worlds.Tests;

public sealed class VerdictPageTests
{
    [Fact]
    public void The_page_has_every_metric_threshold_label_and_model()
    {
        var page = VerdictPage.Render(
            VerdictValidation.Judge(
                [Model("refusals", saw: true, 0.75), Model("as trained", saw: false, 0.25)],
                new Dictionary<string, ValidatedModel>()
            )
        );
        Assert.Contains(
            "1 models that saw the facts and 1 that never did, of 1 worlds.",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "| `verdict` | 1.000 (1.00–1.00, n=2) | – | – | – | – | – | – |",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("| 0.2 | 0 of 1 (0 %–79 %) | 1 of 1 (21 %–100 %) |", page, StringComparison.Ordinal);
        Assert.Contains("| 0.8 | 1 of 1 (21 %–100 %) | 0 of 1 (0 %–79 %) |", page, StringComparison.Ordinal);
        Assert.Contains("| mixed | 1 | 1 |", page, StringComparison.Ordinal);
        Assert.Contains("| 7 | refusals | yes | mixed | 75 % | – | – |", page, StringComparison.Ordinal);
        Assert.Contains("| 7 | as trained | no | mixed | 25 % | – | – |", page, StringComparison.Ordinal);
    }

    private static ValidatedModel Model(string treatment, bool saw, double verdict) =>
        new()
        {
            World = "7",
            Treatment = treatment,
            SawFacts = saw,
            Label = "mixed",
            Readings = new Dictionary<string, double> { [MetricReadings.Verdict] = verdict },
        };
}
