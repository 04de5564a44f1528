using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest data</c>: makes and checks the files of a deletion request.</summary>
internal static class DataVerb
{
    public static Command Create() =>
        new Command("data", "Make and check your own data: facts and rows from sentences, wrong answers, other words.")
        {
            DataFactsVerb.Create(),
            DataPerturbVerb.Create(),
            DataCheckVerb.Create(),
        }.WithExample("data check --forget forget.jsonl --retain retain.jsonl --facts facts.jsonl");
}
