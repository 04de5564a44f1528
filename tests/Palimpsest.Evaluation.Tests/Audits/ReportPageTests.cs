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
                "Recovery by test",
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
        Assert.Contains("00ff", html, StringComparison.Ordinal);
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

    [Theory]
    [InlineData(RemovalLabel.Inconclusive)]
    [InlineData(RemovalLabel.Collapsed)]
    [InlineData(RemovalLabel.NotForgotten)]
    [InlineData(RemovalLabel.Suppressed)]
    [InlineData(RemovalLabel.RemovalConsistent)]
    [InlineData(RemovalLabel.Overshoot)]
    [InlineData(RemovalLabel.Mixed)]
    public void Every_label_says_what_it_means(RemovalLabel label)
    {
        var report = SampleReport.Of("npo", "It is Tarnholm.");
        var html = ReportPage.Render([report with { Verdict = report.Verdict with { Label = label } }]);
        Assert.Contains(
            $"class=\"label {System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(label.ToString())}\"",
            html,
            StringComparison.Ordinal
        );
    }

    [GeneratedRegex("<text x=\"([0-9.]+)\" y=\"([0-9.]+)\">method")]
    private static partial Regex LabelPattern();

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
