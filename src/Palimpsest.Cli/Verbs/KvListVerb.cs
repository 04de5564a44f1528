using System.CommandLine;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest kv list</c>: the policies for caches and their settings.</summary>
internal sealed class KvListVerb : Verb
{
    private readonly Argument<string?> _policy = new("policy")
    {
        Description = "One of them; all when left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private KvListVerb()
        : base(
            "list",
            "What a key-value cache can hold: each policy, when it acts, and the settings that --kv takes in brackets.",
            "kv list snapkv"
        ) => this.Add(_policy);

    public static Command Create() =>
        new Command("kv", "Policies for key-value caches.") { new KvListVerb(), new KvHeadsVerb() }.WithExample(
            "kv list"
        );

    protected override Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var lines = KvPolicies.All.Select(KvLine.Of).ToArray();
        if (parsed.GetValue(_policy) is { } id)
            lines =
            [
                lines.FirstOrDefault(line => line.Id == id)
                    ?? throw new InputException(
                        $"'{id}' is no policy; "
                            + (
                                NearestName.Of(id, [.. lines.Select(line => line.Id)]) is { } near
                                    ? $"did you mean {near}?"
                                    : $"there are {string.Join(", ", lines.Select(line => line.Id))}."
                            )
                    ),
            ];
        session.Result(lines, console => console.WriteTable(TableOf(lines)));
        return Task.FromResult(ExitCode.Done);
    }

    private static Table TableOf(IReadOnlyList<KvLine> lines)
    {
        var table = new Table().AddColumns("Policy", "Default", "What it does").Border(TableBorder.Simple);
        foreach (var line in lines)
        {
            table.AddRow(
                Markup.Escape(line.Id),
                "",
                Markup.Escape($"{line.Summary} It decides {line.Decides}, {line.Acts}.")
            );
            foreach (var setting in line.Settings)
                table.AddRow(
                    Markup.Escape($"  {setting.Name}"),
                    Markup.Escape(setting.Default),
                    Markup.Escape(setting.Meaning)
                );
        }

        return table;
    }
}
