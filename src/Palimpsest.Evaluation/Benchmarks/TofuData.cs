namespace Palimpsest.Evaluation;

/// <summary>The rows of a TOFU evaluation.</summary>
public sealed record TofuData
{
    /// <summary>Rows to be forgotten, with paraphrased and wrong answers.</summary>
    public required IReadOnlyList<QuestionAnswer> Forget { get; init; }

    /// <summary>Rows to be kept, with paraphrased and wrong answers.</summary>
    public required IReadOnlyList<QuestionAnswer> Retain { get; init; }

    /// <summary>Questions on real authors, with wrong answers.</summary>
    public IReadOnlyList<QuestionAnswer> RealAuthors { get; init; } = [];

    /// <summary>Questions on the world, with wrong answers.</summary>
    public IReadOnlyList<QuestionAnswer> WorldFacts { get; init; } = [];

    /// <summary>Rows of the forget rows' kind that no model saw, for membership tests; may be empty.</summary>
    public IReadOnlyList<QuestionAnswer> Holdout { get; init; } = [];

    /// <summary>What messages call the sets, for example the files that they were read from, by property
    /// name.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>Every set under its name.</summary>
    internal IReadOnlyList<RowSet> Sets =>
        [
            Set(nameof(Forget), "forget", Forget),
            Set(nameof(Retain), "retain", Retain),
            Set(nameof(RealAuthors), "real authors", RealAuthors),
            Set(nameof(WorldFacts), "world facts", WorldFacts),
            Set(nameof(Holdout), "holdout", Holdout),
        ];

    /// <summary>
    /// Refuses rows with which the metrics would say something else than they mean: sets that share a question, and
    /// sets of which only some rows have wrong answers.
    /// </summary>
    /// <param name="wrongAnswers">True where forget rows must have wrong answers: for a comparison of truth ratios with
    /// a retained model.</param>
    /// <exception cref="InputException">A row is refused; the message has its set, number and field.</exception>
    public void Require(bool wrongAnswers = false)
    {
        if (Forget.Count == 0 || Retain.Count == 0)
            throw new InputException(
                $"TOFU needs forget and retain rows; there are {Forget.Count} and {Retain.Count}."
            );
        RowSet.RequireDisjoint(Sets);
        foreach (var set in Sets.SkipLast(1))
        {
            if (set.Rows.Any(row => row.PerturbedAnswers.Count > 0))
                set.RequireWrongAnswers();
        }

        if (wrongAnswers)
            Sets[0].RequireWrongAnswers();
    }

    private RowSet Set(string property, string name, IReadOnlyList<QuestionAnswer> rows) =>
        new(Names.GetValueOrDefault(property) ?? name, rows);

    /// <summary>Reads a folder with the files that TOFU's authors publish.</summary>
    /// <param name="folder">Holds <c>&lt;forget&gt;_perturbed.json</c>, <c>retain_perturbed.json</c> and the
    /// like.</param>
    /// <param name="forget">The forget split, for example <c>forget10</c>.</param>
    /// <param name="holdout">A file of holdout rows, or null.</param>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static TofuData Load(string folder, string forget, string? holdout = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string File(string name) => Path.Combine(folder, $"{name}_perturbed.json");
        IReadOnlyList<QuestionAnswer> Rows(string name) => QuestionAnswerFile.Read(File(name));
        return new()
        {
            Names = new Dictionary<string, string>
            {
                [nameof(Forget)] = File(forget),
                [nameof(Retain)] = File("retain"),
                [nameof(RealAuthors)] = File("real_authors"),
                [nameof(WorldFacts)] = File("world_facts"),
                [nameof(Holdout)] = holdout ?? "holdout",
            },
            Forget = Rows(forget),
            Retain = Rows("retain"),
            RealAuthors = Rows("real_authors"),
            WorldFacts = Rows("world_facts"),
            Holdout = holdout is null ? [] : QuestionAnswerFile.Read(holdout),
        };
    }
}
