using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options that name the rows and facts of an audit.</summary>
internal sealed class AuditData
{
    private readonly Option<string> _forget = CommonOptions.Required(
        "--forget",
        "Forget rows with paraphrased and wrong answers (JSON or JSON lines)."
    );
    private readonly Option<string> _retain = CommonOptions.Required(
        "--retain",
        "Retain rows with paraphrased and wrong answers."
    );
    private readonly Option<string?> _holdout = CommonOptions.Optional("--holdout", "Rows that no model saw.", "file");
    private readonly Option<string?> _facts = CommonOptions.Optional(
        "--facts",
        "Facts as JSON lines; without it the rows themselves are the facts.",
        "file"
    );
    private readonly Option<string?> _realAuthors = CommonOptions.Optional(
        "--real-authors",
        "Questions on real authors with wrong answers, for the utility.",
        "file"
    );
    private readonly Option<string?> _worldFacts = CommonOptions.Optional(
        "--world-facts",
        "Questions on the world with wrong answers, for the utility.",
        "file"
    );

    public AuditData(Command command) => command.With(_forget, _retain, _holdout, _facts, _realAuthors, _worldFacts);

    /// <summary>The rows of every set.</summary>
    /// <exception cref="InputException">A file cannot be read, or a row lacks question or answer.</exception>
    public TofuData Rows(ParseResult parsed)
    {
        string NameOf(Option<string?> option) => parsed.GetValue(option) ?? option.Name;
        IReadOnlyList<QuestionAnswer> Read(Option<string?> option) =>
            parsed.GetValue(option) is { } file ? QuestionAnswerFile.Read(file) : [];
        return new()
        {
            Forget = QuestionAnswerFile.Read(parsed.GetValue(_forget)!),
            Retain = QuestionAnswerFile.Read(parsed.GetValue(_retain)!),
            Holdout = Read(_holdout),
            RealAuthors = Read(_realAuthors),
            WorldFacts = Read(_worldFacts),
            Names = new Dictionary<string, string>
            {
                [nameof(TofuData.Forget)] = parsed.GetValue(_forget)!,
                [nameof(TofuData.Retain)] = parsed.GetValue(_retain)!,
                [nameof(TofuData.Holdout)] = NameOf(_holdout),
                [nameof(TofuData.RealAuthors)] = NameOf(_realAuthors),
                [nameof(TofuData.WorldFacts)] = NameOf(_worldFacts),
            },
        };
    }

    /// <summary>The facts that were given, or null.</summary>
    /// <exception cref="InputException">The file cannot be read, or a fact lacks something.</exception>
    public IReadOnlyList<Fact>? Facts(ParseResult parsed) =>
        parsed.GetValue(_facts) is { } path ? FactFile.Read(path) : null;
}
