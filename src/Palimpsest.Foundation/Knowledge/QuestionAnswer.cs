namespace Palimpsest.Foundation;

/// <summary>A row of a question-answering data set in TOFU's layout.</summary>
public sealed record QuestionAnswer
{
    /// <summary>The question, not empty.</summary>
    public required string Question { get; init; }

    /// <summary>The answer, not empty.</summary>
    public required string Answer { get; init; }

    /// <summary>The same answer in other words, or null.</summary>
    public string? ParaphrasedAnswer { get; init; }

    /// <summary>The same question in other words, or null.</summary>
    public string? ParaphrasedQuestion { get; init; }

    /// <summary>Wrong answers of the same form; may be empty.</summary>
    public IReadOnlyList<string> PerturbedAnswers { get; init; } = [];

    /// <summary>Parts of the answer that are secret, for methods that forget these alone; may be empty.</summary>
    public IReadOnlyList<TextPart> Secrets { get; init; } = [];
}
