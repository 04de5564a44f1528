using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli;

/// <summary>One line of progress: what is done, a bar, percent, time left. The description gives way where the line is
/// short, the rest never.</summary>
/// <param name="Description">What is being done.</param>
/// <param name="Share">How much is done, in [0, 1]; null when unknown.</param>
/// <param name="Left">The time that is left; null when unknown.</param>
internal sealed record ProgressLine(string Description, double? Share, TimeSpan? Left)
{
    private const int LeastBar = 10;
    private const int MostBar = 40;
    private const int LeastWidth = 34;

    /// <summary>The line as text.</summary>
    /// <param name="width">Columns of the terminal.</param>
    public string Text(int width) => Parts(width).ToString();

    /// <summary>The line in colours.</summary>
    /// <param name="width">Columns of the terminal.</param>
    public IRenderable Render(int width)
    {
        var (description, done, open, rest) = Parts(width);
        return new Markup($"{Markup.Escape(description)}[yellow]{done}[/][grey]{open}[/]{rest}");
    }

    private LineParts Parts(int width)
    {
        // A line that fills the last column wraps on some terminals.
        var room = Math.Max(LeastWidth, width) - 1;
        var percent = Share is { } share
            ? string.Create(CultureInfo.InvariantCulture, $" {Math.Floor(100 * share + 1e-9), 3:f0} %")
            : "   ? %";
        var rest = $"{percent} {TimeLeft.Text(Left)} left";
        var bar = Math.Clamp((room - rest.Length) / 3, LeastBar, MostBar);
        var full = (int)Math.Round(bar * Math.Clamp(Share ?? 0, 0, 1));
        var words = Math.Max(0, room - rest.Length - bar - 1);
        return new(Fit(Description, words) + " ", new('━', full), new('─', bar - full), rest);
    }

    private static string Fit(string text, int cells)
    {
        var cut = Cells(text) > cells;
        var (result, used) = (new StringBuilder(), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var size = Cells(rune.ToString());
            if (used + size > cells - (cut ? 1 : 0))
                break;
            result.Append(rune);
            used += size;
        }

        if (cut && cells > 0)
            result.Append('…');
        return result.Append(' ', Math.Max(0, cells - Cells(result.ToString()))).ToString();
    }

    private static int Cells(string text) => new Segment(text).CellCount();

    private sealed record LineParts(string Description, string Done, string Open, string Rest)
    {
        public override string ToString() => Description + Done + Open + Rest;
    }
}
