using System.Globalization;
using System.Text.RegularExpressions;

namespace Palimpsest.Evaluation.Tests;

public sealed partial class ReportPageTests
{
    [Fact]
    public void Text_from_models_is_escaped()
    {
        var html = ReportPage.Render([SampleReport.Of("<script>alert(1)</script>", "<img>")]);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_else_and_every_tag_is_closed()
    {
        var html = ReportPage.Render([SampleReport.Of("npo", "It is Tarnholm & more."), SampleReport.Of("ga", "No.")]);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        foreach (
            var tag in new[]
            {
                "div",
                "table",
                "tbody",
                "tr",
                "td",
                "th",
                "svg",
                "details",
                "dl",
                "dt",
                "dd",
                "p",
                "ul",
                "li",
                "h2",
                "h3",
            }
        )
            Assert.Equal(Count(html, $"<{tag}>") + Count(html, $"<{tag} "), Count(html, $"</{tag}>"));
    }

    [Fact]
    public void It_has_every_figure_the_leaks_and_what_was_not_tested()
    {
        var html = ReportPage.Render([SampleReport.Of("npo", "It is Tarnholm.")]);
        foreach (
            var title in new[]
            {
                "Forgetting against keeping",
                "What it says",
                "What it still holds",
                "Facts that replies state",
                "Leak by category",
                "Truth ratios",
                "Membership ROC",
            }
        )
            Assert.Contains($"<title>{title}</title>", html, StringComparison.Ordinal);
        Assert.Contains("Leaked facts: 1 of 1", html, StringComparison.Ordinal);
        Assert.Contains("seed about Mira?", html, StringComparison.Ordinal);
        Assert.Contains("What was not tested", html, StringComparison.Ordinal);
        Assert.Contains("soft prompts", html, StringComparison.Ordinal);
        Assert.Contains(SampleReport.Hash, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_points_that_lie_together_do_not_cover_one_another()
    {
        (string, double, double, string)[] points =
        [
            .. Enumerable.Range(0, 6).Select(i => ($"method {i}", 0.6 + 0.02 * i, 0.55 - 0.01 * i, "candidate")),
        ];
        var labels = LabelPattern()
            .Matches(SvgFigure.Plane("t", "x", "y", points))
            .Select(match =>
                (
                    X: double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                    Y: double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)
                )
            )
            .ToArray();
        Assert.Equal(6, labels.Length);
        foreach (var (first, second) in labels.SelectMany((label, i) => labels[..i].Select(before => (label, before))))
            Assert.True(
                Math.Abs(first.X - second.X) >= 7 * "method 0".Length || Math.Abs(first.Y - second.Y) >= 13.9,
                $"{first} {second}"
            );
    }

    [Fact]
    public void A_label_lies_beside_its_point_or_is_joined_to_it()
    {
        (string, double, double, string)[] demo =
        [
            ("original", 0.74, 0, "original"),
            ("retrained", 0.76, 0.87, "retrained"),
            ("ga", 0.59, 0.48, "candidate"),
            ("npo", 0.52, 0.5, "candidate"),
            ("npo-rt", 0.593, 0.496, "candidate"),
        ];
        var svg = SvgFigure.Plane("t", "x", "y", demo);
        Assert.DoesNotContain("leader", SvgFigure.Plane("t", "x", "y", demo[..2]), StringComparison.Ordinal);
        var label = Regex.Match(svg, "<text x=\"([0-9.]+)\" y=\"([0-9.]+)\">ga</text>");
        var point = Regex.Match(svg, "cx=\"([0-9.]+)\" cy=\"([0-9.]+)\" r=\"[0-9.]+\"><title>ga:");
        double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        Assert.True(
            double.Hypot(Number(label, 1) - Number(point, 1), Number(label, 2) - Number(point, 2)) < 40
                || svg.Contains("leader", StringComparison.Ordinal)
        );
        (string, double, double, string)[] crowd =
        [
            .. Enumerable.Range(0, 12).Select(i => ($"method {i}", 0.5, 0.5 + 0.001 * i, "candidate")),
        ];
        Assert.Contains("class=\"leader\"", SvgFigure.Plane("t", "x", "y", crowd), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RemovalLabel.Inconclusive, "inconclusive")]
    [InlineData(RemovalLabel.Collapsed, "collapsed")]
    [InlineData(RemovalLabel.NotForgotten, "not-forgotten")]
    [InlineData(RemovalLabel.Suppressed, "suppressed")]
    [InlineData(RemovalLabel.RemovalConsistent, "removal-consistent")]
    [InlineData(RemovalLabel.Overshoot, "overshoot")]
    [InlineData(RemovalLabel.Mixed, "mixed")]
    public void Every_label_is_spelt_in_one_way_and_says_what_it_means(RemovalLabel label, string name)
    {
        var report = SampleReport.Of("npo", "It is Tarnholm.");
        var html = ReportPage.Render([report with { Verdict = report.Verdict with { Label = label } }]);
        Assert.Contains($"class=\"label {name}\">{name}<", html, StringComparison.Ordinal);
        Assert.Contains(
            $"\"{name}\"",
            System.Text.Json.JsonSerializer.Serialize(label, ResultJson.Format),
            StringComparison.Ordinal
        );
        Assert.Contains(RemovalLabels.MeaningOf(label, hasRetrained: true), html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_test_brings_back_stands_on_top_of_what_was_there()
    {
        var html = SvgFigure.Bars("t", [new("rounding", 0.4, new(0.3, 0.5), "candidate") { Before = 0.25 }], []);
        var bars = BarPattern()
            .Matches(html)
            .Select(match =>
                (
                    Class: match.Groups[1].Value,
                    X: double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture),
                    Width: double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture)
                )
            )
            .ToArray();
        Assert.Equal(["candidate before", "candidate"], bars.Select(bar => bar.Class));
        Assert.Equal(bars[0].X + bars[0].Width, bars[1].X, 0.11);
        Assert.Equal(0.25 / 0.15, bars[0].Width / bars[1].Width, 0.02);
        Assert.Contains("25 + 15 %", html, StringComparison.Ordinal);
        var plain = SvgFigure.Bars("t", [new("asked", 0.4, new(0.3, 0.5), "candidate")], []);
        Assert.Single(BarPattern().Matches(plain));
        Assert.Contains("40 %", plain, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bar_says_its_interval_and_of_how_many_it_is_and_so_does_what_was_kept()
    {
        var html = ReportPage.Render([SampleReport.Of("npo", "It is Tarnholm.")]);
        Assert.Contains(
            "<title>4-bit quantisation: 40 %, 95 % interval 30 to 45 %, n = 3</title>",
            html,
            StringComparison.Ordinal
        );
        Assert.Matches("data-column=\"Kept\">90.% <span class=\"dim small\">85–95.%</span>", html);
    }

    [Fact]
    public void Both_axes_have_their_name_and_every_test_stands_on_its_own()
    {
        var found = ReportSection.Found(SampleReport.Of("npo", "It is Tarnholm."));
        var bars = found.Parts.OfType<BarsPart>().ToDictionary(part => part.Title, part => part.Bars);
        Assert.Equal(["asked"], bars["What it says"].Select(bar => bar.Name));
        Assert.Equal(["4-bit quantisation"], bars["What it still holds"].Select(bar => bar.Name));
        Assert.Equal(0.25, bars["What it still holds"][0].Before);
    }

    [Fact]
    public void Without_a_retrained_model_the_page_speaks_of_chance_and_says_first_that_its_claim_is_weaker()
    {
        var full = SampleReport.Of("npo", "It is Tarnholm.");
        var numbers = new TofuNumbers(
            full.Tofu!.Summary.Where(model => model.Key != "retrained").ToDictionary(),
            full.Tofu.TruthRatios,
            full.Tofu.MembershipRoc
        );
        var report = full with
        {
            Reference = "chance",
            Findings =
            [
                full.Findings[0],
                full.Findings[2] with
                {
                    Sections = TofuSection.Create(numbers, hasRetrained: false),
                    Data = AuditReport.ToData(numbers),
                },
            ],
        };
        var html = ReportPage.Render([report]);
        Assert.DoesNotContain("as retrained", html, StringComparison.Ordinal);
        Assert.DoesNotContain("against the retrained model", html, StringComparison.Ordinal);
        Assert.Contains("Privacy leakage against chance (AUC 0.5), percent", html, StringComparison.Ordinal);
        var claim = html.IndexOf("No retrained model was given", StringComparison.Ordinal);
        Assert.InRange(claim, 1, html.IndexOf("<table", StringComparison.Ordinal));
        var whole = ReportPage.Render([full]);
        Assert.DoesNotContain("No retrained model was given", whole, StringComparison.Ordinal);
        Assert.Contains("Privacy leakage against the retrained model, percent", whole, StringComparison.Ordinal);
    }

    [Fact]
    public void The_words_of_the_page_are_explained_on_it()
    {
        var html = ReportPage.Render([SampleReport.Of("npo", "It is Tarnholm.")]);
        foreach (var word in new[] { "Sleek", "AUC", "min-k", "relearning", "what it says", "what it still holds" })
            Assert.Contains($"<dt><b>{word}</b></dt><dd>", html, StringComparison.Ordinal);
        foreach (var old in new[] { "asked directly", "the question itself", "answers when asked", "direct question" })
            Assert.DoesNotContain(old, html, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex("<rect class=\"([^\"]*)\" x=\"([0-9.]+)\"[^>]*width=\"([0-9.]+)\"")]
    private static partial Regex BarPattern();

    [GeneratedRegex("<text x=\"([0-9.]+)\" y=\"([0-9.]+)\">method")]
    private static partial Regex LabelPattern();

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
