using System.Text.RegularExpressions;
using Palimpsest.TestKit;
using Spectre.Console;

namespace Palimpsest.Cli.Tests;

/// <summary>Tables at the widths that terminals have.</summary>
public sealed class TableLayoutTests
{
    [Theory]
    [InlineData(30), InlineData(60), InlineData(80), InlineData(120)]
    public void Words_stay_whole_and_no_column_is_lost_whatever_the_table(int width)
    {
        var random = new Random(7);
        for (var trial = 0; trial < 60; trial++)
        {
            var table = new Table().Border(trial % 3 == 0 ? TableBorder.None : TableBorder.Simple);
            var columns = random.Next(1, 11);
            for (var c = 0; c < columns; c++)
                table.AddColumn(Words(random, 3));
            for (var r = 0; r < 5; r++)
                table.AddRow([.. Enumerable.Range(0, columns).Select(_ => Words(random, random.Next(1, 12)))]);
            RenderedTable.RequireWhole(table, width);
        }
    }

    [Fact]
    public void A_table_that_fits_is_drawn_as_it_is()
    {
        var table = Sample();
        Assert.Equal(
            RenderedTable.Render(80, console => console.Write(table)),
            RenderedTable.Render(80, console => console.WriteTable(table))
        );
    }

    [Fact]
    public void Text_gives_way_to_numbers_and_wraps_between_words()
    {
        string[] lines = Lines(RenderedTable.Render(42, console => console.WriteTable(Sample())));
        Assert.Equal(
            ["Name Meaning Count", "ada A long sentence that 1234567", "goes on and on", "bo Short 12"],
            lines.Where(line => !line.Contains('─'))
        );
    }

    [Fact]
    public void Columns_that_do_not_fit_follow_below_the_first_column_again()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Layer", "attention", "feed-forward", "norms");
        table.AddRow("0", "0.125", "0.25", "0.5").AddRow("1", "0.001", "0.002", "0.003");
        Assert.Equal(
            [
                "Layer attention",
                "0 0.125",
                "1 0.001",
                "Layer feed-forward",
                "0 0.25",
                "1 0.002",
                "Layer norms",
                "0 0.5",
                "1 0.003",
            ],
            Lines(RenderedTable.Render(24, console => console.WriteTable(table))).Where(line => !line.Contains('─'))
        );
    }

    [Fact]
    public void Rows_are_lists_where_not_even_two_columns_fit()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("File", "Rows");
        table.AddRow("a/path/that/is/longer/than/it.jsonl", "40");
        Assert.Equal(
            ["File: a/path/that/is/longer/than/it.jsonl", "Rows: 40"],
            Lines(RenderedTable.Render(40, console => console.WriteTable(table)))
        );
    }

    [Fact]
    public void Every_table_of_the_program_is_written_so()
    {
        var code = Directory.EnumerateFiles(
            Path.Combine(GoldenFolder.Repository, "src", "Palimpsest.Cli"),
            "*.cs",
            SearchOption.AllDirectories
        );
        Assert.Empty(
            code.Where(file => Path.GetFileName(file) != "TableLayout.cs")
                .Where(file => Regex.IsMatch(File.ReadAllText(file), @"onsole\.Write\((?!WrittenModel|\$?"")"))
                .Select(Path.GetFileName)
        );
    }

    private static Table Sample()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Name", "Meaning", "Count");
        return table.AddRow("ada", "A long sentence that goes on and on", "1234567").AddRow("bo", "Short", "12");
    }

    private static string[] Lines(string text) =>
        [.. text.Split('\n').Select(line => Regex.Replace(line, @"\s+", " ").Trim()).Where(line => line.Length > 0)];

    private static string Words(Random random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => new string('w', random.Next(1, 10))));
}
