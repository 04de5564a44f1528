using System.Globalization;
using System.Net;
using System.Text;

namespace Palimpsest.Samples;

/// <summary>The picture of a run: rates before and after with their intervals, and what attacks bring back.</summary>
internal static class Picture
{
    private const int Width = 900;
    private const int Left = 280;
    private const int Span = 500;
    private const int RowHeight = 30;

    private const string Style = """
        svg{font:13px system-ui,sans-serif;fill:#1d2430}.h{font-weight:600;font-size:14px}
        .interval{stroke-width:2;opacity:.55}.move{stroke-width:1.5;stroke-dasharray:3 3}
        .dim{fill:#5d6878}.before{fill:#8a6d3b;stroke:#8a6d3b}.after{fill:#0b6e99;stroke:#0b6e99}
        .bad{fill:#b3362b;stroke:#b3362b}.grid{stroke:#dcd8cf}.move,.chance{stroke:#5d6878}
        tspan.before,tspan.after{stroke:none}
        @media(prefers-color-scheme:dark){svg{fill:#e6e9ee}.dim{fill:#9aa5b5}.before{fill:#d0ab6c;stroke:#d0ab6c}
        .after{fill:#57b6e0;stroke:#57b6e0}.bad{fill:#ee7d70;stroke:#ee7d70}.grid{stroke:#3a4250}
        .move,.chance{stroke:#9aa5b5}}
        """;

    public static string Render(
        string model,
        IReadOnlyList<Comparison> rows,
        AuditReport audit,
        (double Before, double After)? perplexity
    )
    {
        var (svg, body) = (new StringBuilder(), new StringBuilder());
        var split = Moves(body, rows, 66);
        var height = Found(body, audit, split + 22) + 30;
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" "
                + $"height=\"{height}\" role=\"img\">"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<title>{Html(model)} before and after it was made to forget Harry Potter</title><style>{Style}</style>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"h\" x=\"12\" y=\"22\">{Html(model)} is asked to forget Harry Potter</text>"
        );
        svg.Append(
            "<text x=\"600\" y=\"22\"><tspan class=\"before\">● before</tspan><tspan class=\"after\" dx=\"12\">● "
                + "after</tspan><tspan class=\"dim\" dx=\"12\">│ a guess</tspan></text>"
        );
        Grid(svg, 42, height - 22);
        svg.Append(body);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"h\" x=\"12\" y=\"{split + 8}\">What attacks find of it: "
                + $"{Html(RemovalLabels.NameOf(audit.Verdict.Label))}</text>"
        );
        var foot = perplexity is { } p
            ? FormattableString.Invariant($"WikiText-2 perplexity {p.Before:f1} → {p.After:f1}. ")
            : "";
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"dim\" x=\"12\" y=\"{height - 6}\">{foot}Bars: 95 % intervals.</text>"
        );
        return svg.Append("</svg>\n").ToString();
    }

    private static int Moves(StringBuilder body, IReadOnlyList<Comparison> rows, int y)
    {
        foreach (var set in rows.GroupBy(row => row.Set))
        {
            foreach (
                var row in set.Where(row => row.Measure != "free answer, other words")
                    .OrderBy(row => row.Measure, StringComparer.Ordinal)
            )
            {
                Move(body, y, row);
                y += RowHeight;
            }

            y += 8;
        }

        return y;
    }

    private static int Found(StringBuilder body, AuditReport audit, int y)
    {
        foreach (var test in audit.Verdict.Evidence)
        {
            Recovered(body, y, test);
            y += RowHeight;
        }

        return y;
    }

    private static void Grid(StringBuilder svg, int top, int bottom)
    {
        for (var tick = 0; tick <= 4; tick++)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{X(tick / 4.0):f1}\" x2=\"{X(tick / 4.0):f1}\" y1=\"{top + 8}\" "
                    + $"y2=\"{bottom}\"/>"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"dim\" x=\"{X(tick / 4.0):f1}\" y=\"{top + 4}\" text-anchor=\"middle\">{tick * 25} "
                    + $"%</text>"
            );
        }
    }

    private static void Move(StringBuilder svg, int y, Comparison row)
    {
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 14}\" y=\"{y + 4}\" text-anchor=\"end\">{Html(row.Set)} <tspan "
                + $"class=\"dim\">{Html(row.Measure)}</tspan></text>"
        );
        if (!double.IsNaN(row.Chance))
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"chance\" x1=\"{X(row.Chance):f1}\" x2=\"{X(row.Chance):f1}\" y1=\"{y - 10}\" "
                    + $"y2=\"{y + 10}\"/>"
            );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"move\" x1=\"{X(row.Before.Value):f1}\" x2=\"{X(row.After.Value):f1}\" y1=\"{y}\" "
                + $"y2=\"{y}\"/>"
        );
        Point(svg, y - 4, row.Before.Value, row.Before.Interval, "before", row.Before.N);
        Point(svg, y + 4, row.After.Value, row.After.Interval, "after", row.After.N);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Width - 8}\" y=\"{y + 4}\" text-anchor=\"end\">{PercentText.Of(row.Before.Value)} → "
                + $"{PercentText.Of(row.After.Value)}</text>"
        );
    }

    private static void Recovered(StringBuilder svg, int y, Recovery test)
    {
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 14}\" y=\"{y + 4}\" text-anchor=\"end\">{Html(test.Test)}</text>"
        );
        Point(svg, y, test.Value, test.Interval, "bad", test.N);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Width - 8}\" y=\"{y + 4}\" text-anchor=\"end\">{PercentText.Of(test.Value)}</text>"
        );
    }

    private static void Point(StringBuilder svg, int y, double value, Interval interval, string kind, int count)
    {
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"interval {kind}\" x1=\"{X(interval.Low):f1}\" x2=\"{X(interval.High):f1}\" y1=\"{y}\" "
                + $"y2=\"{y}\"/>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<circle class=\"{kind}\" cx=\"{X(value):f1}\" cy=\"{y}\" r=\"5\"><title>{PercentText.Of(value)} "
                + $"[{PercentText.Of(interval.Low)}, {PercentText.Of(interval.High)}], n = {count}</title></circle>"
        );
    }

    private static double X(double share) => Left + share * Span;

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
