using Spectre.Console;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli.Tests;

/// <summary>What a terminal of some width shows.</summary>
internal static class RenderedTable
{
    /// <summary>Draws on a terminal without colours.</summary>
    public static string Render(int width, Action<IAnsiConsole> draw)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(
            new()
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(text),
            }
        );
        console.Profile.Width = width;
        draw(console);
        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>Expects each word of each cell and heading whole, as often as the table has it, and no line wider than
    /// the terminal.</summary>
    public static void RequireWhole(Table table, int width)
    {
        var rendered = Render(width, console => console.WriteTable(table));
        Assert.All(rendered.Split('\n'), line => Assert.True(line.TrimEnd().Length <= width, rendered));
        var shown = Words(rendered).CountBy(word => word).ToDictionary();
        var cells = table.Rows.SelectMany(row => row.SelectMany(Words));
        if (table.ShowHeaders)
            cells = cells.Concat(table.Columns.SelectMany(column => Words(column.Header)));
        foreach (var (word, count) in cells.CountBy(word => word))
            Assert.True(shown.GetValueOrDefault(word) >= count, $"{width} columns, '{word}':\n{rendered}");
    }

    private static string[] Words(IRenderable cell) => Words(Render(100_000, console => console.Write(cell)));

    private static string[] Words(string text) =>
        [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd(':'))];
}
