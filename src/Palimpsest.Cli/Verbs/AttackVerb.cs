using System.CommandLine;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack ATTACK</c>: the attacks of the catalogue.</summary>
internal static class AttackVerb
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "Says what each attack needs, costs and shows." };
        var command = new Command("attack", "Run one attack on a model.")
            .With(list)
            .WithExample("attack relearn --original runs/model --model runs/forgot --facts facts.jsonl");
        command.SetAction(parsed => parsed.GetValue(list) ? List(new(parsed)) : throw NoAttack());
        foreach (var entry in Evaluation.Catalog.All.Where(entry => entry.Offers.HasFlag(SystemOffers.Attack)))
            command.Add(entry is CatalogEntry<Attack> attack ? new AttackRunVerb(attack) : new SleekVerb(entry));
        return command;
    }

    /// <summary>Every attack: id, access, cost, what it shows.</summary>
    internal static IReadOnlyList<AttackLine> Lines() =>
        [
            new(
                "sleek",
                "replies",
                "some 15 replies a fact and model",
                "A fact that comes out when a model is asked around it was never removed."
            ),
            .. Attacks.All.Select(entry => LineOf(entry.Id, entry.CreateDefault())),
        ];

    private static AttackLine LineOf(string id, Attack attack) =>
        new(id, attack.Access.ToString().ToLowerInvariant(), attack.Cost, attack.Shows);

    private static int List(Session session)
    {
        var lines = Lines();
        session.Result(
            lines,
            console =>
            {
                var table = new Table().AddColumns("Id", "Access", "Cost", "Shows").Border(TableBorder.Simple);
                foreach (var line in lines)
                    table.AddRow(line.Id, line.Access, Markup.Escape(line.Cost), Markup.Escape(line.Shows));
                console.WriteTable(table);
            }
        );
        return ExitCode.Done;
    }

    private static InputException NoAttack() =>
        new($"attack: one of these is needed: --list, {string.Join(", ", Lines().Select(line => line.Id))}.");

    /// <summary>A line of the list.</summary>
    internal sealed record AttackLine(string Id, string Access, string Cost, string Shows);
}
