using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options that name the facts and rows of an attack.</summary>
internal sealed class AttackData
{
    private readonly Option<string?> _facts = CommonOptions.Optional(
        "--facts",
        "Facts as JSON lines; without it the rows themselves are the facts.",
        "file"
    );
    private readonly Option<string?> _forget = CommonOptions.Optional(
        "--forget",
        "Rows that were to be forgotten, with wrong answers.",
        "file"
    );
    private readonly Option<string?> _retain = CommonOptions.Optional("--retain", "Rows that were to be kept.", "file");
    private readonly Option<string?> _holdout = CommonOptions.Optional("--holdout", "Rows that no model saw.", "file");

    public AttackData(Command command) => command.With(_facts, _forget, _retain, _holdout);

    /// <summary>The data options of an example.</summary>
    public static string ExampleOf(CatalogEntry<Attack> entry) =>
        entry.CreateDefault().Needs.HasFlag(AttackNeeds.Rows)
            ? "--forget forget.jsonl --holdout unseen.jsonl"
            : "--facts facts.jsonl";

    /// <summary>The facts and rows that were given.</summary>
    /// <exception cref="InputException">A file cannot be read, or there is too little.</exception>
    public Material Read(ParseResult parsed, AttackNeeds needs)
    {
        IReadOnlyList<QuestionAnswer> Rows(Option<string?> option) =>
            parsed.GetValue(option) is { } file ? QuestionAnswerFile.Read(file) : [];
        var rows = new TofuData
        {
            Forget = Rows(_forget),
            Retain = Rows(_retain),
            Holdout = Rows(_holdout),
        };
        if (needs.HasFlag(AttackNeeds.Rows) && (rows.Forget.Count < 2 || rows.Holdout.Count < 2))
        {
            throw new InputException(
                $"{_forget.Name} has {rows.Forget.Count} and {_holdout.Name} {rows.Holdout.Count} rows; needed are at "
                    + "least 2 of each."
            );
        }

        var own = parsed.GetValue(_facts) is { } path ? FactFile.Read(path) : null;
        if (own is null && rows.Forget.Count == 0)
            throw new InputException($"{_facts.Name} or {_forget.Name} is needed: nothing says what was forgotten.");
        var facts = own ?? RowFacts.Of(rows.Forget, rows.Retain);
        FactSets.RequireDisjoint(facts);
        if (facts.All(fact => fact.Scope != FactScope.Forget))
            throw new InputException($"{_facts.Name}: no fact has the scope forget; needed is one.");
        return new(facts, rows, own is null ? new RecallJudge() : new AliasJudge());
    }

    /// <summary>What an attack reads.</summary>
    internal sealed record Material(IReadOnlyList<Fact> Facts, TofuData Rows, IJudge Judge);
}
