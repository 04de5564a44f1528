using System.Globalization;
using System.Net;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>Small figures as inline SVG that take their colours from the page.</summary>
/// <remarks>They are as wide as the narrowest page, so that the page draws them at nearly their own size and their
/// text is as large on a telephone as on a wide screen.</remarks>
internal static class SvgFigure
{
    private const int Width = 320;
    private const int Height = 250;
    private const int Left = 52;
    private const int Top = 16;
    private const int Right = 14;
    private const int Bottom = 46;
    private const double PointRadius = 6;

    /// <summary>Points in the unit square, each with a label.</summary>
    public static string Plane(
        string title,
        string xLabel,
        string yLabel,
        IEnumerable<(string Name, double X, double Y, string Class)> points
    )
    {
        var svg = Open(title, xLabel, yLabel);
        var all = points
            .Select(point =>
                (
                    point.Name,
                    point.Class,
                    point.X,
                    point.Y,
                    AtX: X(Math.Clamp(point.X, 0, 1)),
                    AtY: Y(Math.Clamp(point.Y, 0, 1))
                )
            )
            .ToArray();
        var radii = Radii([.. all.Select(point => (point.AtX, point.AtY))]);
        var taken = all.Zip(radii, (point, r) => new Box(point.AtX - r, point.AtY - r, point.AtX + r, point.AtY + r))
            .ToList();
        for (var i = 0; i < all.Length; i++)
        {
            var (name, kind, x, y, px, py) = all[i];
            var ring = radii[i] > PointRadius ? " ring" : "";
            var label = Label(name, px, py, taken);
            taken.Add(label);
            svg.Append(Leader(label, px, py, all.Select(point => (point.AtX, point.AtY))));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<circle class=\"{kind}{ring}\" cx=\"{px:f1}\" cy=\"{py:f1}\" r=\"{radii[i]:f1}\">"
                    + $"<title>{Html(name)}: {x:f2}, "
                    + $"{y:f2}</title></circle>"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{label.Left:f1}\" y=\"{label.Bottom - 3:f1}\">{Html(name)}</text>"
            );
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Lines in the unit square, where asked with the diagonal of chance; a line's class is its
    /// name.</summary>
    public static string Curves(
        string title,
        string xLabel,
        string yLabel,
        IEnumerable<(string Name, IReadOnlyList<IReadOnlyList<double>> Points)> lines,
        bool hasDiagonal
    )
    {
        var svg = Open(title, xLabel, yLabel);
        if (hasDiagonal)
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"chance\" x1=\"{X(0):f1}\" y1=\"{Y(0):f1}\" x2=\"{X(1):f1}\" y2=\"{Y(1):f1}\"/>"
            );
        foreach (var (name, points) in lines)
        {
            var path = string.Join(
                ' ',
                points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p[0]):f1},{Y(p[1]):f1}"))
            );
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{name}\" points=\"{path}\"/>");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Shares of values in twelve bins over [0, 1], one step line per series.</summary>
    public static string Histogram(
        string title,
        string xLabel,
        IEnumerable<(string Name, IReadOnlyList<double> Values, string Class)> series
    )
    {
        const int bins = 12;
        var shares = series
            .Where(s => s.Values.Count > 0)
            .Select(s =>
                (
                    s.Name,
                    s.Class,
                    Shares: Enumerable
                        .Range(0, bins)
                        .Select(bin =>
                            s.Values.Count(v => Math.Clamp((int)(Math.Clamp(v, 0, 1) * bins), 0, bins - 1) == bin)
                            / (double)s.Values.Count
                        )
                        .ToArray()
                )
            )
            .ToArray();
        var top = RoundTop(shares.SelectMany(s => s.Shares).DefaultIfEmpty(0).Max());
        var svg = Open(title, xLabel, "share of rows", top);
        foreach (var (name, kind, values) in shares)
        {
            var points = values.SelectMany(
                (v, bin) => new[] { (X((double)bin / bins), Y(v / top)), (X((bin + 1.0) / bins), Y(v / top)) }
            );
            var corners = points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1:f1},{p.Item2:f1}"));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<polyline class=\"{kind}\" points=\"{string.Join(' ', corners)}\">"
                    + $"<title>{Html(name)}</title></polyline>"
            );
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Rates with intervals as horizontal bars, and dotted lines at thresholds. What was there before a test
    /// is pale, what it brings back stands on top of it.</summary>
    public static string Bars(string title, IReadOnlyList<ReportBar> bars, IReadOnlyList<double> thresholds)
    {
        const int labels = 126;
        const int length = 110;
        const int step = 26;
        static double At(double share) => labels + 8 + Math.Clamp(share, 0, 1) * length;
        var height = 12 + bars.Count * step;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg role=\"img\" viewBox=\"0 0 {Width} {height}\"><title>{Html(title)}</title>"
        );
        foreach (var threshold in thresholds)
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"threshold\" x1=\"{At(threshold):f1}\" x2=\"{At(threshold):f1}\" y1=\"2\" "
                    + $"y2=\"{height - 6}\"/>"
            );
        for (var i = 0; i < bars.Count; i++)
            AppendBar(svg, bars[i], At, 6 + i * step);
        return svg.Append("</svg>").ToString();
    }

    private static void AppendBar(StringBuilder svg, ReportBar bar, Func<double, double> at, int y)
    {
        const double beside = 8;
        var before = Math.Min(bar.Value, bar.Before ?? 0);
        var (start, middle, end) = (at(0), at(before), at(bar.Value));
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{start - beside:f0}\" y=\"{y + 12}\" text-anchor=\"end\">{Html(bar.Name)}</text>"
        );
        if (double.IsNaN(bar.Value))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" x=\"{start:f1}\" y=\"{y + 12}\">not asked</text>"
            );
            return;
        }

        if (before > 0)
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"{bar.Model} before\" x=\"{start:f1}\" y=\"{y}\" width=\"{middle - start:f1}\" "
                    + $"height=\"16\" rx=\"2\"/>"
            );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect class=\"{bar.Model}\" x=\"{middle:f1}\" y=\"{y}\" width=\"{Math.Max(1, end - middle):f1}\" "
                + $"height=\"16\" rx=\"2\"><title>{Html(bar.Name)}: {Numbers(bar)}</title></rect>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"interval\" x1=\"{at(bar.Interval.Low):f1}\" x2=\"{at(bar.Interval.High):f1}\" "
                + $"y1=\"{y + 8}\" y2=\"{y + 8}\"/>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Width - 4}\" y=\"{y + 12}\" text-anchor=\"end\">{ValueText(bar.Value, bar.Before)}</text>"
        );
    }

    // A point that would lie on an earlier one becomes a ring around it: both are where they are, and both are seen.
    private static double[] Radii((double X, double Y)[] points)
    {
        const double ringStep = 4;
        var radii = new double[points.Length];
        for (var i = 0; i < points.Length; i++)
        {
            var below = points
                .Take(i)
                .Count(other => double.Hypot(other.X - points[i].X, other.Y - points[i].Y) < PointRadius);
            radii[i] = PointRadius + below * ringStep;
        }

        return radii;
    }

    // The least top of an axis whose four steps are round numbers and that holds the largest share.
    private static double RoundTop(double largest)
    {
        double[] steps = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25];
        return 4 * steps.First(step => 4 * step >= Math.Min(largest, 1) - 1e-9);
    }

    // The place next to the point, right of it at best, that is inside and covers neither points nor labels.
    private static Box Label(string name, double x, double y, IReadOnlyList<Box> taken)
    {
        const double characterWidth = 7;
        const double margin = 4;
        const double line = 14;
        const double lowest = Height - Bottom;
        var width = Math.Min(name.Length * characterWidth + margin, Width - Left);
        double[] lefts = [x + 10, x - 10 - width, x - width / 2, Width - width, Left];
        var bottoms = Enumerable
            .Range(0, 2 * (int)(lowest / line))
            .Select(i => y + 7 + (i % 2 == 0 ? i : -i) * line / 2);
        var places = bottoms
            .Append(Math.Clamp(y + 7, line, lowest))
            .SelectMany(bottom => lefts.Select(left => new Box(left, bottom - line, left + width, bottom)))
            .Where(place => place.Left >= Left && place.Right <= Width && place.Top >= 0 && place.Bottom <= lowest)
            .OrderBy(place => Math.Round(place.DistanceFrom(x, y)))
            .ToArray();
        return places.FirstOrDefault(place => !taken.Any(place.Overlaps), places[^1]);
    }

    // A label that found no place beside its point, or one nearer to another point, is joined to its own.
    private static string Leader(Box label, double x, double y, IEnumerable<(double X, double Y)> points)
    {
        const double beside = 16;
        var own = label.DistanceFrom(x, y);
        return own <= beside && points.All(point => label.DistanceFrom(point.X, point.Y) >= own)
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"<line class=\"leader\" x1=\"{x:f1}\" y1=\"{y:f1}\" "
                    + $"x2=\"{Math.Clamp(x, label.Left, label.Right):f1}\" "
                    + $"y2=\"{Math.Clamp(y, label.Top, label.Bottom):f1}\"/>"
            );
    }

    /// <summary>What a pointer over a bar shows.</summary>
    private static string Numbers(ReportBar bar)
    {
        var interval = $"{PercentText.Whole(bar.Interval.Low)} to {PercentText.Of(bar.Interval.High)}";
        var count = bar.N > 0 ? $", n = {bar.N}" : "";
        return $"{PercentText.Of(bar.Value)}, 95 % interval {interval}{count}";
    }

    private static string ValueText(double value, double? before) =>
        before is { } level && value > level
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{PercentText.Whole(level)} + {PercentText.Rounded(value) - PercentText.Rounded(level):f0} %"
            )
            : PercentText.Of(value);

    private static double X(double share) => Left + share * (Width - Left - Right);

    private static double Y(double share) => Height - Bottom - share * (Height - Top - Bottom);

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static StringBuilder Open(string title, string xLabel, string yLabel, double top = 1)
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg role=\"img\" viewBox=\"0 0 {Width} {Height}\"><title>{Html(title)}</title>"
        );
        foreach (var tick in new[] { 0, 0.25, 0.5, 0.75, 1 })
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{X(0):f1}\" x2=\"{X(1):f1}\" y1=\"{Y(tick):f1}\" y2=\"{Y(tick):f1}\"/>"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" x=\"{X(tick):f1}\" y=\"{Height - Bottom + 16}\" "
                    + $"text-anchor=\"middle\">{tick:0.##}</text>"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(tick) + 4:f1}\" "
                    + $"text-anchor=\"end\">{tick * top:0.##}</text>"
            );
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"axis\" x=\"{X(0.5):f1}\" y=\"{Height - 8}\" text-anchor=\"middle\">{Html(xLabel)}</text>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"axis\" transform=\"translate(14 {Y(0.5):f1}) rotate(-90)\" "
                + $"text-anchor=\"middle\">{Html(yLabel)}</text>"
        );
        return svg;
    }

    private readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Overlaps(Box other) =>
            Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

        public double DistanceFrom(double x, double y) =>
            double.Hypot(x - Math.Clamp(x, Left, Right), y - Math.Clamp(y, Top, Bottom));
    }
}
