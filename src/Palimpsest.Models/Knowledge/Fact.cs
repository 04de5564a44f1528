namespace Palimpsest.Models;

/// <summary>A triple with the question that asks for it; the JSON-lines record of probes and worlds.</summary>
public sealed record Fact
{
    /// <summary>Unique within a file.</summary>
    public required string Id { get; init; }

    /// <summary>What the deletion request says about it.</summary>
    public required FactScope Scope { get; init; }

    /// <summary>Whom or what it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>The relation's name, for example <c>birthplace</c>.</summary>
    public required string Relation { get; init; }

    /// <summary>The value.</summary>
    public required string Object { get; init; }

    /// <summary>Other ways to write the object.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The seed question.</summary>
    public required string Question { get; init; }

    /// <summary>The full answer, which contains the object.</summary>
    public required string Answer { get; init; }

    /// <summary>Other phrasings of the question.</summary>
    public IReadOnlyList<string> Paraphrases { get; init; } = [];

    /// <summary>The closed set of values from which the object was drawn; empty when unknown.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];
}
