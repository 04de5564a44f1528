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

    /// <summary>Reads a folder with the files that TOFU's authors publish.</summary>
    /// <param name="folder">Holds <c>&lt;forget&gt;_perturbed.json</c>, <c>retain_perturbed.json</c> and the
    /// like.</param>
    /// <param name="forget">The forget split, for example <c>forget10</c>.</param>
    /// <param name="holdout">A file of holdout rows, or null.</param>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static TofuData Load(string folder, string forget, string? holdout = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        IReadOnlyList<QuestionAnswer> Rows(string name) =>
            QuestionAnswerFile.Read(Path.Combine(folder, $"{name}_perturbed.json"));
        return new()
        {
            Forget = Rows(forget),
            Retain = Rows("retain"),
            RealAuthors = Rows("real_authors"),
            WorldFacts = Rows("world_facts"),
            Holdout = holdout is null ? [] : QuestionAnswerFile.Read(holdout),
        };
    }
}
