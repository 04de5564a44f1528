using System.Globalization;
using System.Net;
using System.Text;

namespace Palimpsest.Worlds;

/// <summary>Quality against bytes as an SVG picture: a panel for each task and each way of asking.</summary>
public static class KvFigure
{
    private const int Panel = 380;
    private const int Height = 300;
    private const int Left = 54;
    private const int Right = 26;
    private const int Top = 40;
    private const int Bottom = 44;
    private const int LegendLine = 20;
    private const int Colours = 6;
    private const int Dashes = 3;

    private const string Style = """
        svg{font:13px system-ui,sans-serif;fill:#1d2430}.h{font-weight:600}.dim{fill:#5d6878}.grid{stroke:#dcd8cf}
        polyline{fill:none;stroke-width:2}line.c0,line.c1,line.c2,line.c3,line.c4,line.c5{stroke-width:1.5}
        .c0{stroke:#1d2430}.c1{stroke:#0b6e99}.c2{stroke:#b3362b}.c3{stroke:#8a6d3b}.c4{stroke:#3d7a3a}
        .c5{stroke:#7a4b9a}circle{fill:#fff;stroke-width:2}text{stroke:none}
        @media(prefers-color-scheme:dark){svg{fill:#e6e9ee}.dim{fill:#9aa5b5}.grid{stroke:#3a4250}.c0{stroke:#e6e9ee}
        .c1{stroke:#57b6e0}.c2{stroke:#ee7d70}.c3{stroke:#d0ab6c}.c4{stroke:#7cc278}.c5{stroke:#c39ae0}
        circle{fill:#1d2430}}.d1{stroke-dasharray:8 4}.d2{stroke-dasharray:2 3}
        """;

    /// <summary>Draws rows; intervals are 95 %.</summary>
    /// <param name="rows">At least one.</param>
    public static string Render(IReadOnlyList<KvComparisonRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        string[] families = [.. rows.Select(Family).Distinct()];
        var panels = rows.GroupBy(row => (row.Task, row.AsksFirst)).ToArray();
        var (width, legend) = (Panel * Math.Min(2, panels.Length), (families.Length + 2) / 3 * LegendLine);
        var height = (panels.Length + 1) / 2 * Height + legend + 10;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" "
                + $"height=\"{height}\" role=\"img\"><title>Exact answers against bytes of the cache</title>"
                + $"<style>{Style}</style>"
        );
        foreach (var (i, panel) in panels.Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({i % 2 * Panel} {i / 2 * Height})\">");
            Axes(svg, $"{panel.Key.Task}, question {(panel.Key.AsksFirst ? "in the prompt" : "afterwards")}");
            foreach (var family in panel.GroupBy(Family))
                Line(svg, [.. family.OrderBy(row => row.BytesShare)], Array.IndexOf(families, family.Key));
            svg.Append("</g>");
        }

        foreach (var (i, family) in families.Index())
        {
            var (x, y) = (Left + i % 3 * 230, height - legend + i / 3 * LegendLine);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"{Stroke(i)}\" x1=\"{x}\" x2=\"{x + 22}\" y1=\"{y}\" y2=\"{y}\"/>"
                    + $"<text x=\"{x + 28}\" y=\"{y + 4}\">{Html(family)}</text>"
            );
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Axes(StringBuilder svg, string title)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"h\" x=\"{Left}\" y=\"22\">{Html(title)}</text>");
        for (var tick = 0; tick <= 4; tick++)
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{X(0):f1}\" x2=\"{X(1):f1}\" y1=\"{Y(tick / 4.0):f1}\" "
                    + $"y2=\"{Y(tick / 4.0):f1}\"/><text class=\"dim\" x=\"{Left - 6}\" y=\"{Y(tick / 4.0) + 4:f1}\" "
                    + $"text-anchor=\"end\">{tick * 25} %</text><text class=\"dim\" x=\"{X(tick / 4.0):f1}\" "
                    + $"y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{tick * 25} %</text>"
            );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"dim\" x=\"{X(0.5):f1}\" y=\"{Height - 8}\" text-anchor=\"middle\">bytes of the full "
                + $"cache</text>"
        );
    }

    private static void Line(StringBuilder svg, KvComparisonRow[] rows, int family)
    {
        var kind = Colour(family);
        var path = string.Join(' ', rows.Select(row => FormattableString.Invariant($"{At(row):f1},{Up(row):f1}")));
        svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{Stroke(family)}\" points=\"{path}\"/>");
        foreach (var row in rows)
        {
            var (low, high) = (Y(row.Exact.Interval.Low), Y(row.Exact.Interval.High));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"{kind}\" x1=\"{At(row):f1}\" x2=\"{At(row):f1}\" y1=\"{low:f1}\" y2=\"{high:f1}\"/>"
                    + $"<circle class=\"{kind}\" cx=\"{At(row):f1}\" cy=\"{Up(row):f1}\" r=\"4\"><title>"
                    + $"{Html(row.Expression ?? row.Policy)}: {PercentText.Of(row.Exact.Value)}, n = {row.Exact.N}, "
                    + $"{PercentText.Of(row.BytesShare)} of the bytes</title></circle>"
            );
        }
    }

    private static string Colour(int family) => FormattableString.Invariant($"c{family % Colours}");

    /// <summary>The colour, and from the seventh line on dashes.</summary>
    private static string Stroke(int family) =>
        FormattableString.Invariant($"{Colour(family)} d{family / Colours % Dashes}");

    /// <summary>Policies that differ in their options alone are one line.</summary>
    private static string Family(KvComparisonRow row) => row.Policy.Split('(')[0];

    private static double At(KvComparisonRow row) => X(Math.Min(row.BytesShare, 1));

    private static double Up(KvComparisonRow row) => Y(row.Exact.Value);

    private static double X(double share) => Left + share * (Panel - Left - Right);

    private static double Y(double share) => Height - Bottom - share * (Height - Top - Bottom);

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
