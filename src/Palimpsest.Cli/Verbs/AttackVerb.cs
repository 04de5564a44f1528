using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack ATTACK</c>: the attacks of the catalogue.</summary>
internal static class AttackVerb
{
    private static readonly Dictionary<string, Func<CatalogEntry, Command>> Attacks = new()
    {
        ["sleek"] = entry => new SleekVerb(entry),
    };

    public static Command Create()
    {
        var command = new Command("attack", "Run one attack on a model.").WithExample(
            "attack sleek --original runs/model --model runs/forgot --facts facts.jsonl"
        );
        foreach (var entry in Evaluation.Catalog.All.Where(entry => entry.Offers.HasFlag(SystemOffers.Attack)))
            command.Add(Attacks[entry.Id](entry));
        return command;
    }
}
