using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

/// <summary>The page as a browser lays it out, measured by a script inside it.</summary>
public sealed partial class ReportInBrowserTests(ReportInBrowserTests.Browser browser)
    : IClassFixture<ReportInBrowserTests.Browser>
{
    private static readonly int[] s_widths = [400, 800, 1280];

    private const string Measure = """
        const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom] }
        const texts = svg => [...svg.querySelectorAll('text')].map(t => ({
          text: t.textContent, kind: t.getAttribute('class') || 'label', box: box(t),
          size: parseFloat(getComputedStyle(t).fontSize)
            * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width }))
        const overview = document.querySelector('table.overview'), card = overview.closest('.card')
        const result = {
          document: document.documentElement.scrollWidth, window: window.innerWidth,
          overviewHidden: card.scrollWidth - card.clientWidth,
          overviewSize: parseFloat(getComputedStyle(overview.querySelector('td')).fontSize),
          overviewCells: [...overview.querySelectorAll('tbody td')].map(td => ({
            text: td.innerText, box: box(td),
            label: getComputedStyle(td, '::before').content, head: overview.tHead.offsetHeight > 0 })),
          figures: [...document.querySelectorAll('svg')].map(svg => ({
            title: svg.querySelector('title').textContent, box: box(svg), texts: texts(svg),
            bars: [...svg.querySelectorAll('rect:not(.before)')].map(r => ({
              kind: r.getAttribute('class'), box: box(r) })),
            points: [...svg.querySelectorAll('circle')].map(c => ({
              kind: c.getAttribute('class'), box: box(c), filled: getComputedStyle(c).fill != 'none' })) })) }
        const out = document.createElement('pre'); out.id = 'measured'
        out.textContent = JSON.stringify(result); document.body.append(out)
        """;

    [Theory]
    [InlineData(400)]
    [InlineData(800)]
    [InlineData(1280)]
    public async Task At_any_width_nothing_is_cut_off_and_charts_can_be_read(int width)
    {
        var page = await browser.MeasureAsync(width);
        Assert.Equal(width, page.GetProperty("window").GetInt32());
        Assert.InRange(page.GetProperty("document").GetDouble(), 1, width);
        Assert.True(page.GetProperty("overviewHidden").GetDouble() <= 0, "the overview is wider than its card");
        Assert.InRange(page.GetProperty("overviewSize").GetDouble(), 13, 18);
        foreach (var cell in page.GetProperty("overviewCells").EnumerateArray())
        {
            Assert.InRange(Box(cell).Right, 1, width);
            Assert.True(
                cell.GetProperty("head").GetBoolean() || cell.GetProperty("label").GetString()!.Length > 2,
                $"'{cell.GetProperty("text").GetString()}' has no name"
            );
        }

        foreach (var figure in page.GetProperty("figures").EnumerateArray())
        {
            AssertTexts(figure, width);
            AssertBars(figure);
        }
    }

    [Fact]
    public async Task Points_that_coincide_are_all_seen()
    {
        var page = await browser.MeasureAsync(800);
        var plane = page.GetProperty("figures")
            .EnumerateArray()
            .Single(figure => figure.GetProperty("title").GetString() == "Forgetting against keeping");
        var points = plane
            .GetProperty("points")
            .EnumerateArray()
            .Select(point => (Box: Box(point), Filled: point.GetProperty("filled").GetBoolean()))
            .ToArray();
        Assert.Equal(4, points.Length);
        foreach (var (later, earlier) in points.SelectMany((point, i) => points[..i].Select(before => (point, before))))
        {
            Assert.False(
                later.Filled && Distance(later.Box, earlier.Box) < 6,
                "a filled point lies on another, which is hidden"
            );
            Assert.True(
                later.Filled || later.Box.Right - later.Box.Left > earlier.Box.Right - earlier.Box.Left + 3,
                "a ring is as small as what it is around"
            );
        }
    }

    private static void AssertTexts(JsonElement figure, int width)
    {
        var title = figure.GetProperty("title").GetString();
        var texts = figure
            .GetProperty("texts")
            .EnumerateArray()
            .Select(text =>
                (
                    Text: text.GetProperty("text").GetString()!,
                    Kind: text.GetProperty("kind").GetString()!,
                    Box: Box(text),
                    Size: text.GetProperty("size").GetDouble()
                )
            )
            .ToArray();
        Assert.NotEmpty(texts);
        foreach (var text in texts)
        {
            Assert.True(text.Size is >= 11 and <= 14, $"{title}: '{text.Text}' is {text.Size:f1} px");
            Assert.True(
                text.Box.Left >= Box(figure).Left - 1 && text.Box.Right <= Math.Min(width, Box(figure).Right) + 1,
                $"{title}: '{text.Text}' is cut off"
            );
            if (text.Kind == "tick" && text.Text != "not asked")
                Assert.Equal(0, double.Parse(text.Text) * 100 % 1, 6);
        }

        foreach (var (a, b) in texts.SelectMany((text, i) => texts[..i].Select(before => (text, before))))
            Assert.False(Covers(a.Box, b.Box), $"{title}: '{a.Text}' covers '{b.Text}'");
    }

    private static void AssertBars(JsonElement figure)
    {
        var labels = figure
            .GetProperty("texts")
            .EnumerateArray()
            .Where(text => text.GetProperty("kind").GetString() == "label")
            .Select(Box)
            .ToArray();
        foreach (var bar in figure.GetProperty("bars").EnumerateArray().Select(Box))
        {
            var beside = labels.Count(label => label.Top < bar.Bottom && bar.Top < label.Bottom);
            Assert.True(beside == 2, $"a bar of {figure.GetProperty("title")} has {beside} of a name and a value");
            Assert.DoesNotContain(labels, label => Covers(label, bar));
        }
    }

    private static bool Covers(Edges a, Edges b) =>
        a.Left < b.Right - 1 && b.Left < a.Right - 1 && a.Top < b.Bottom - 4 && b.Top < a.Bottom - 4;

    private static double Distance(Edges a, Edges b) =>
        double.Hypot((a.Left + a.Right - b.Left - b.Right) / 2, (a.Top + a.Bottom - b.Top - b.Bottom) / 2);

    private static Edges Box(JsonElement element)
    {
        var box = element.GetProperty("box");
        return new(box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());
    }

    /// <summary>The page at all widths, laid out once.</summary>
    public sealed class Browser : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<Task<Dictionary<int, JsonElement>>> _pages;

        /// <summary>Starts nothing yet.</summary>
        public Browser() => _pages = new(RunAsync);

        public void Dispose() => _folder.Dispose();

        /// <summary>What the script measured at a width.</summary>
        public async Task<JsonElement> MeasureAsync(int width) => (await _pages.Value)[width];

        private async Task<Dictionary<int, JsonElement>> RunAsync()
        {
            var program = new[] { "chromium", "chromium-browser", "google-chrome" }
                .SelectMany(name =>
                    (Environment.GetEnvironmentVariable("PATH") ?? "")
                        .Split(Path.PathSeparator)
                        .Select(folder => Path.Combine(folder, name))
                )
                .FirstOrDefault(File.Exists);
            Assert.SkipWhen(program is null, "no chromium, chromium-browser or google-chrome is on the path");
            WritePages();
            var start = new ProcessStartInfo(
                program!,
                [
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--allow-file-access-from-files",
                    $"--user-data-dir={_folder.File("profile")}",
                    "--window-size=1400,5000",
                    "--dump-dom",
                    new Uri(_folder.File("frames.html")).AbsoluteUri,
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            var measured = Measured().Matches(await output);
            Assert.True(measured.Count == s_widths.Length, await error);
            return measured
                .Select(page => JsonDocument.Parse(WebUtility.HtmlDecode(page.Groups[1].Value)).RootElement)
                .ToDictionary(page => page.GetProperty("window").GetInt32());
        }

        // A window of a headless browser is not narrower than 500 pixels, a frame is.
        private void WritePages()
        {
            var html = ReportPage
                .Render([
                    SampleReport.Of("npo with a retain term", "It is Tarnholm."),
                    SampleReport.Of("ga", "It is Tarnholm."),
                ])
                .Replace("</body>", $"<script>{Measure}</script></body>", StringComparison.Ordinal);
            File.WriteAllText(_folder.File("page.html"), html);
            var frames = s_widths.Select(width =>
                $"<iframe style=\"border:0;display:block;width:{width}px;height:1600px\" src=\"page.html\"></iframe>"
            );
            File.WriteAllText(
                _folder.File("frames.html"),
                $"<body style=\"margin:0\">{string.Concat(frames)}<script>addEventListener('load', () => {{"
                    + "for (const f of document.querySelectorAll('iframe'))"
                    + "document.body.append(f.contentDocument.getElementById('measured').cloneNode(true)) })"
                    + "</script></body>"
            );
        }
    }

    [GeneratedRegex("<pre id=\"measured\">(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Measured();

    private readonly record struct Edges(double Left, double Top, double Right, double Bottom);
}
