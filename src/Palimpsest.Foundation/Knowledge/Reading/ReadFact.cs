namespace Palimpsest.Foundation;

/// <summary>A fact that was read from a sentence or a row, before it is one of a set.</summary>
public sealed record ReadFact
{
    /// <summary>Where it stands: a file and a line or row.</summary>
    public required string Place { get; init; }

    /// <summary>Whom or what it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>The relation's name.</summary>
    public required string Relation { get; init; }

    /// <summary>The value, which the answer contains.</summary>
    public required string Value { get; init; }

    /// <summary>What the value is.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The answer.</summary>
    public required string Answer { get; init; }

    /// <summary>The question in other words; null where none was found.</summary>
    public string? OtherQuestion { get; init; }

    /// <summary>The answer in other words with <c>{o}</c> in the value's place; null where none was found.</summary>
    public string? Paraphrase { get; init; }

    /// <summary>Other ways to write the value.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Wrong values that were found with it; others are added from other facts.</summary>
    public IReadOnlyList<string> WrongValues { get; init; } = [];

    /// <summary>A fact whose kind and aliases are those that its value tells.</summary>
    /// <param name="text">Where it stands, with the answer and, for a row, the question.</param>
    /// <param name="subject">Whom or what it is about.</param>
    /// <param name="relation">The relation's name.</param>
    /// <param name="value">The value, which the text contains.</param>
    /// <exception cref="ArgumentException">The text is a sentence, or does not contain the value.</exception>
    public static ReadFact FromRow(SourceText text, string subject, string relation, string value)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Question is null || !text.Text.Contains(value, StringComparison.Ordinal))
            throw new ArgumentException($"{text.Place}: '{value}' is no value of a row's answer.", nameof(value));
        var kind = ValueText.KindOf(value) ?? ValueKind.Thing;
        return new()
        {
            Place = text.Place,
            Subject = subject,
            Relation = relation,
            Value = value,
            Kind = kind,
            Question = text.Question,
            Answer = text.Text.Trim(),
            Aliases = ValueText.Aliases(kind, value),
        };
    }

    /// <summary>The answer in other words, or as it is where there are none, with a value in its value's
    /// place.</summary>
    public string Say(string value) =>
        Paraphrase is { } form
            ? form.Replace("{o}", value, StringComparison.Ordinal)
            : Answer.Replace(Value, value, StringComparison.Ordinal);
}
