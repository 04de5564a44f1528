using System.CommandLine;
using System.Text.RegularExpressions;

namespace Palimpsest.Cli.Tests;

/// <summary>The help of every command is written for users.</summary>
public sealed partial class HelpTextTests
{
    private static readonly string[] Names = ["LoRA", "DoRA", "OpenAI", "McNemar", "HuggingFaceTB"];

    public static TheoryData<string> Commands => [.. CommandTree.All().Select(CommandTree.PathOf)];

    [Theory, MemberData(nameof(Commands))]
    public void No_name_of_the_program_s_language_stands_in_help(string command)
    {
        var help = HelpOf(command);
        Assert.Empty(Identifier().Matches(help).Select(match => match.Value).Except(Names));
        Assert.Empty(OfTheLanguage().Matches(help).Select(match => match.Value));
    }

    [Theory, MemberData(nameof(Commands))]
    public void Help_says_what_the_command_and_each_option_is(string command)
    {
        var found = Find(command);
        Assert.False(string.IsNullOrWhiteSpace(found.Description));
        Assert.Empty(
            found
                .Options.Where(option => !option.Hidden && string.IsNullOrWhiteSpace(option.Description))
                .Select(o => o.Name)
        );
        Assert.All(found.Options, option => Assert.Matches("^--?[a-z0-9]+(-[a-z0-9]+)*$", option.Name));
    }

    [Theory, MemberData(nameof(Commands))]
    public void Each_help_has_an_example_that_is_understood(string command)
    {
        var example = HelpExamples.ExampleOf(Find(command));
        Assert.NotNull(example);
        var parsed = CommandTree.Root.Parse(example);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.StartsWith(command, CommandTree.PathOf(parsed.CommandResult.Command), StringComparison.Ordinal);
    }

    [Fact]
    public void Words_of_a_property_s_name_are_words_of_its_option_s()
    {
        var command = new Command("x");
        OptionBinder.AddTo(command, typeof(Named));
        Assert.Equal(
            ["--min-k-share", "--min-k", "--kl-over", "--top-p", "--int8-layers", "--gguf"],
            command.Options.Select(option => option.Name)
        );
    }

    private static Command Find(string command) =>
        CommandTree.All().Single(found => CommandTree.PathOf(found) == command);

    private static string HelpOf(string command)
    {
        using var output = new StringWriter();
        var parsed = CommandTree.Root.Parse([.. command.Split(' '), "--help"]);
        Assert.Equal(0, parsed.Invoke(new() { Output = output }));
        return output.ToString();
    }

    [GeneratedRegex(@"(?<![\w/.-])[A-Z][a-z0-9]+[A-Z]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\bnull\b|\bOf\(|`\d|\w<\w+>\(|\btrue\b for\b|\bNaN\b|\b(bool|int|ulong|string)\b")]
    private static partial Regex OfTheLanguage();

    private sealed record Named
    {
        public double MinKShare { get; init; }

        public int MinK { get; init; }

        public double KlOver { get; init; }

        public double TopP { get; init; }

        public int Int8Layers { get; init; }

        public string? GGUF { get; init; }
    }
}
