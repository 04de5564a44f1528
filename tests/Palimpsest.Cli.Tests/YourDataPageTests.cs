using System.Text.RegularExpressions;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>docs/your-data.md does what it says.</summary>
public sealed partial class YourDataPageTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(
        Path.Combine(GoldenFolder.Repository, "docs", "your-data.md")
    );

    private static readonly string Sample = Path.Combine(GoldenFolder.Repository, "samples", "your-data");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_commands_on_data_run_as_printed_and_give_the_files_of_the_sample()
    {
        Copy(Path.Combine(Sample, "sentences"), _folder.File("samples", "your-data", "sentences"));
        var own = Commands().Where(words => words[0] == "data" && !words.Contains("--generator-endpoint")).ToArray();
        Assert.Equal(["facts", "perturb", "check"], own.Select(words => words[1]));
        foreach (var words in own)
        {
            var (code, output, error) = await PalimpsestProcess.FinishAsync(
                PalimpsestProcess.Start(
                    "dotnet",
                    [Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"), .. words],
                    _folder.Path
                )
            );
            Assert.True(code == ExitCode.Done, $"{string.Join(' ', words)}: {error}{output}");
            if (words[1] == "check")
                Assert.Contains("0 errors, 0 warnings", output, StringComparison.Ordinal);
        }

        foreach (var part in new[] { "facts", "rows" })
        {
            var expected = Directory.GetFiles(Path.Combine(Sample, part)).Select(Path.GetFileName).Order();
            Assert.Equal(
                expected,
                Directory.GetFiles(_folder.File("runs", "your-data", part)).Select(Path.GetFileName).Order()
            );
            foreach (var name in expected)
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(Sample, part, name!)),
                    File.ReadAllBytes(_folder.File("runs", "your-data", part, name!))
                );
        }
    }

    [Fact]
    public async Task Every_option_of_every_command_is_one_that_the_command_has()
    {
        var options = Commands()
            .GroupBy(words => string.Join(' ', words.TakeWhile(word => !word.StartsWith('-'))))
            .Select(verb => (Verb: verb.Key, Options: verb.SelectMany(words => words).Distinct()));
        foreach (var (verb, words) in options)
        {
            var help = await InProcess.DoneAsync([.. verb.Split(' '), "--help"]);
            Assert.All(
                words.Where(word => word.StartsWith("--", StringComparison.Ordinal)),
                option => Assert.Matches($@"{option}\b(?!-)", help)
            );
        }
    }

    [Fact]
    public void Every_form_that_is_read_is_listed_and_the_sample_has_forty_sentences()
    {
        Assert.All(
            SentencePatterns.All.SelectMany(pattern => pattern.Forms),
            form => Assert.Contains($"`{form}`", Page, StringComparison.Ordinal)
        );
        Assert.Equal(40, SourceText.Read(Path.Combine(Sample, "sentences", "forget.txt")).Count);
    }

    private static IEnumerable<string[]> Commands() =>
        Shell()
            .Matches(Page)
            .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line =>
            {
                Assert.StartsWith("palimpsest ", line, StringComparison.Ordinal);
                return line.Split(' ')[1..];
            });

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shell();
}
