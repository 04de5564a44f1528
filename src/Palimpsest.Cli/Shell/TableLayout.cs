using Spectre.Console;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli;

/// <summary>Writes tables at any width: cells wrap between words; columns that do not fit beside the others follow in a
/// table of their own, below the first column again; where even two do not fit, each row is a list.</summary>
internal static class TableLayout
{
    private const int Comfortable = 20;
    private const int Narrow = 12;

    /// <summary>Writes a table to a console.</summary>
    public static void WriteTable(this IAnsiConsole console, Table table)
    {
        var options = RenderOptions.Create(console, console.Profile.Capabilities);
        Column[] columns = [.. table.Columns.Select((_, index) => Measure(table, index, options))];
        var natural = columns.Sum(column => column.Natural + column.Padding) + Borders(table, columns.Length);
        var width = console.Profile.Width;
        if (natural <= width)
            console.Write(table);
        else if (IsTooNarrow(table, columns, width))
            WriteRows(console, table);
        else
            foreach (var band in Bands(table, columns, width))
                console.Write(Part(table, band, Widths(band, width - Overhead(table, band.Count))));
    }

    private static Column Measure(Table table, int index, RenderOptions options)
    {
        var cells = table.Rows.Select(row => row.ElementAtOrDefault(index)).OfType<IRenderable>();
        if (table.ShowHeaders)
            cells = cells.Prepend(table.Columns[index].Header);
        Measurement[] sizes = [.. cells.Select(cell => cell.Measure(options, int.MaxValue))];
        return new(
            index,
            sizes.Select(size => size.Min).Append(1).Max(),
            sizes.Select(size => size.Max).Append(1).Max(),
            table.Columns[index].Padding is { } padding ? padding.Left + padding.Right : 0
        );
    }

    private static int Borders(Table table, int columns) => table.Border.Visible ? columns + 1 : 0;

    // Squeezed tables have one space between columns, and the border.
    private static int Overhead(Table table, int columns) => columns + Borders(table, columns);

    private static bool IsTooNarrow(Table table, Column[] columns, int width) =>
        columns.Length == 1
            ? columns[0].Word + Overhead(table, 1) > width
            : columns.Skip(1).Any(column => columns[0].Word + column.Word + Overhead(table, 2) > width);

    private static List<List<Column>> Bands(Table table, Column[] columns, int width)
    {
        for (var text = Comfortable; text >= Narrow; text--)
        {
            if (columns.Sum(column => column.Wanted(text)) + Overhead(table, columns.Length) <= width)
                return
                [
                    [.. columns],
                ];
        }

        List<List<Column>> bands =
        [
            [columns[0]],
        ];
        foreach (var column in columns.Skip(1))
        {
            var band = bands[^1];
            var needed = band.Append(column).Sum(c => c.Wanted(Comfortable)) + Overhead(table, band.Count + 1);
            if (needed > width && band.Count > 1)
                bands.Add([columns[0], column]);
            else
                band.Add(column);
        }

        return bands;
    }

    // Every column has its longest word; what is left goes to the narrowest that wants more.
    private static int[] Widths(List<Column> band, int room)
    {
        int[] widths = [.. band.Select(column => column.Word)];
        for (var left = room - widths.Sum(); left > 0; left--)
        {
            var narrowest = Enumerable
                .Range(0, widths.Length)
                .Where(i => widths[i] < band[i].Natural)
                .OrderBy(i => widths[i])
                .Cast<int?>()
                .FirstOrDefault();
            if (narrowest is not { } index)
                break;
            widths[index]++;
        }

        return widths;
    }

    private static Table Part(Table table, List<Column> band, int[] widths)
    {
        var part = new Table().Border(table.Border);
        part.ShowHeaders = table.ShowHeaders;
        foreach (var (column, width) in band.Zip(widths))
        {
            var original = table.Columns[column.Index];
            part.AddColumn(
                new TableColumn(original.Header)
                {
                    Width = width,
                    Padding = new(0, 0, 1, 0),
                    Alignment = original.Alignment,
                }
            );
        }

        foreach (var row in table.Rows)
            part.AddRow(band.Select(column => row.ElementAtOrDefault(column.Index) ?? Text.Empty));
        return part;
    }

    private static void WriteRows(IAnsiConsole console, Table table)
    {
        foreach (var row in table.Rows)
        {
            foreach (var (index, cell) in row.Index())
            {
                if (table.ShowHeaders)
                {
                    console.Write(table.Columns[index].Header);
                    console.Write(new Text(": "));
                }

                console.Write(cell);
                console.WriteLine();
            }

            console.WriteLine();
        }
    }

    /// <summary>How wide a column is.</summary>
    /// <param name="Index">Its place in the table.</param>
    /// <param name="Word">Its longest word, in cells of the terminal.</param>
    /// <param name="Natural">Its longest line.</param>
    /// <param name="Padding">What stands around it as the table was made.</param>
    private sealed record Column(int Index, int Word, int Natural, int Padding)
    {
        /// <summary>A width at which text of this many cells a line is still read easily.</summary>
        public int Wanted(int text) => Math.Max(Word, Math.Min(Natural, text));
    }
}
