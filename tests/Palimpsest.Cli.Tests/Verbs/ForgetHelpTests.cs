using System.CommandLine;

namespace Palimpsest.Cli.Tests;

/// <summary>Help of a method lists what the method takes, and nothing else.</summary>
[Collection("help")]
public sealed class ForgetHelpTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private static readonly string[] Everywhere =
    [
        "--model",
        "--device",
        "--adapter",
        "--forget",
        "--requests",
        "--at-once",
        "--retain",
        "--alternates",
        "--out",
        "--overwrite",
        "--run",
    ];

    public static TheoryData<string> Ids => [.. Unlearning.Catalog.All.Select(entry => entry.Id)];

    [Theory, MemberData(nameof(Ids))]
    public async Task Each_option_that_is_listed_takes_a_value_that_is_not_its_default(string id)
    {
        var command = CommandOf(id);
        var refused = new List<string>();
        foreach (var option in command.Options.Where(o => command.Lists(o) && !Everywhere.Contains(o.Name)))
        {
            var said = new List<string>();
            foreach (var value in Values(option))
                said.Add(await SaidAsync(command, option.Name, value));
            if (!said.Exists(line => line.StartsWith(Broken, StringComparison.Ordinal)))
                refused.Add($"{option.Name}: {string.Join(" / ", said)}");
        }

        Assert.Empty(refused);
    }

    [Theory, MemberData(nameof(Ids))]
    public async Task Each_option_that_is_not_listed_is_refused_by_its_name(string id)
    {
        var command = CommandOf(id);
        foreach (var option in command.Options.Where(option => !command.Lists(option)))
        {
            foreach (var value in Values(option))
                Assert.StartsWith(
                    $"{option.Name}: ",
                    await SaidAsync(command, option.Name, value),
                    StringComparison.Ordinal
                );
        }
    }

    [Fact]
    public void What_methods_never_take_is_not_listed()
    {
        static string[] Names(string id) => [.. CommandOf(id).Options.Where(CommandOf(id).Lists).Select(o => o.Name)];
        Assert.Empty(new[] { "--retain", "--alternates", "--retain-weight", "--kl-over" }.Intersect(Names("ga")));
        Assert.Contains("--retain-weight", Names("npo-rt"));
        Assert.DoesNotContain("--kl-over", Names("npo-rt"));
        Assert.Contains("--kl-over", Names("kl-min"));
        Assert.Empty(new[] { "--result", "--keep-adapter" }.Intersect(Names("uld")));
        Assert.Contains("--lora-rank", Names("uld"));
        Assert.Empty(
            new[] { "--result", "--keep-adapter", "--lora-rank", "--weights" }.Intersect(Names("dp2unlearning"))
        );
        Assert.DoesNotContain(
            Ids.SelectMany(row => Names(row.Data)),
            name => name is not ("--retain" or "--offset-retain") && name.EndsWith("-retain", StringComparison.Ordinal)
        );
    }

    private string Broken
    {
        get
        {
            if (!File.Exists(work.File("broken.jsonl")))
                File.WriteAllText(work.File("broken.jsonl"), "{\"answer\": \"a\"}");
            return work.File("broken.jsonl");
        }
    }

    // Rows are read after every option, and before the model.
    private async Task<string> SaidAsync(Command command, string option, string value)
    {
        List<string> line =
        [
            "forget",
            command.Name,
            "--model",
            work.Model,
            "--forget",
            Broken,
            "--out",
            work.File("x"),
        ];
        if (option != "--lora-rank" && command.Lists(Cli.Verbs.ForgetVerb.Rank))
            line.AddRange(["--lora-rank", "2"]);
        var method = Unlearning.Catalog.Find(command.Name).CreateDefault();
        if (method.ReadsRetain)
            line.AddRange(["--retain", work.Retain]);
        if (method.ReadsAlternates || option == "--on-alternates")
            line.AddRange(["--alternates", work.Retain]);
        var parsed = CommandTree.Root.Parse([.. line, $"{option}={value}"]);
        Assert.Empty(parsed.Errors);
        var error = await Assert.ThrowsAsync<InputException>(() =>
            parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken)
        );
        return error.Message;
    }

    private static Command CommandOf(string id) =>
        CommandTree.All().Single(command => CommandTree.PathOf(command) == $"forget {id}");

    private static IEnumerable<string> Values(Option option)
    {
        string[] values = option.HelpName switch
        {
            "number" => ["0.5", "0.9", "2", "20"],
            "whole number" => ["1", "3", "5"],
            { } names when names.Contains('|') => names.Split('|'),
            _ => option.Name == "--method" ? ["npo-rt"] : ["x"],
        };
        return option.HasDefaultValue ? values.Except([option.GetDefaultValue()?.ToString() ?? ""]) : values;
    }
}
