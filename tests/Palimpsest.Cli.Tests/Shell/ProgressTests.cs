using Spectre.Console;

namespace Palimpsest.Cli.Tests;

/// <summary>What is shown of long work, and where.</summary>
public sealed class ProgressTests
{
    private const string Long = "Auditing npo-rt: what it says when asked around Sleek: a model with a long name";

    [Theory]
    [InlineData(34)]
    [InlineData(60)]
    [InlineData(70)]
    [InlineData(80)]
    [InlineData(160)]
    public void Bar_percent_and_time_left_show_at_every_width_and_the_description_gives_way(int width)
    {
        var text = new ProgressLine(Long, 0.42, TimeSpan.FromSeconds(83)).Text(width);
        Assert.True(text.Length < width, $"{text.Length} of {width}: {text}");
        Assert.EndsWith("  42 % 1:23 left", text, StringComparison.Ordinal);
        var bar = text.Count(c => c is '━' or '─');
        Assert.True(bar >= 10, text);
        Assert.Equal(Math.Round(0.42 * bar), text.Count(c => c == '━'));
        if (width < 120)
            Assert.Contains('…', text);
        else
            Assert.StartsWith(Long + " ", text, StringComparison.Ordinal);
        if (width >= 60)
            Assert.StartsWith("Auditing npo-rt", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(70)]
    [InlineData(80)]
    public void The_console_draws_the_same_line_unbroken(int width)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(
            new()
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(output),
            }
        );
        console.Profile.Width = width;
        var line = new ProgressLine(Long, 0.42, TimeSpan.FromSeconds(83));
        console.Write(line.Render(width));
        Assert.Equal(line.Text(width), output.ToString().TrimEnd('\n'));
    }

    [Fact]
    public void A_wide_sign_counts_twice_and_what_is_unknown_is_said()
    {
        var line = new ProgressLine(new('学', 60), null, null).Text(60);
        var words = line[..line.IndexOf('─', StringComparison.Ordinal)];
        Assert.True(line.Length + words.Count(c => c == '学') < 60, line);
        Assert.EndsWith("   ? % -:-- left", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.2, "0:01")]
    [InlineData(42, "0:42")]
    [InlineData(725, "12:05")]
    [InlineData(11_220, "3:07:00")]
    [InlineData(100_000, "27:46:40")]
    public void Times_are_short(double seconds, string text) =>
        Assert.Equal(text, TimeLeft.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_time_left_is_that_of_the_whole_and_what_came_at_once_is_no_speed()
    {
        var now = TimeSpan.Zero;
        var left = new TimeLeft(() => now);
        Assert.Null(left.Of("audit", 0));
        // An earlier run had done half of it.
        now = TimeSpan.FromMilliseconds(10);
        Assert.Null(left.Of("audit", 0.5));
        now = TimeSpan.FromSeconds(10);
        Assert.Equal(40, left.Of("audit", 0.6)!.Value.TotalSeconds, 0.5);
        now = TimeSpan.FromSeconds(20);
        Assert.Equal(30, left.Of("audit", 0.7)!.Value.TotalSeconds, 0.5);
        Assert.Null(left.Of("another", 0.1));
        now = TimeSpan.FromSeconds(24);
        Assert.Equal(16, left.Of("another", 0.28)!.Value.TotalSeconds, 0.5);
    }

    [Fact]
    public async Task Elsewhere_than_on_a_terminal_a_line_comes_every_few_seconds_alone()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) });
        var result = await new ProgressDisplay(console, interactive: false).RunAsync(
            "Work",
            progress =>
            {
                for (var i = 0; i < 1000; i++)
                    progress.Report(new("steps", i, 1000));
                return Task.FromResult(7);
            }
        );
        Assert.Equal((7, ""), (result, output.ToString()));
    }
}
