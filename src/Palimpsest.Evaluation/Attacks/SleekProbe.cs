namespace Palimpsest.Evaluation;

/// <summary>One question of the attack.</summary>
public sealed record SleekProbe
{
    /// <summary>Unique within a set.</summary>
    public required string Id { get; init; }

    /// <summary>The fact that it is after.</summary>
    public required string FactId { get; init; }

    /// <summary>What the deletion request says about that fact.</summary>
    public required FactScope Scope { get; init; }

    /// <summary>How near it is to the fact.</summary>
    public required ProbeCategory Category { get; init; }

    /// <summary>The question.</summary>
    public required string Text { get; init; }

    /// <summary>The statement that a leaking reply makes.</summary>
    public required string KnowledgePoint { get; init; }

    /// <summary>Texts of which a leaking reply holds one.</summary>
    public required IReadOnlyList<string> Expected { get; init; }

    /// <summary>Questions asked before it in the same conversation (mode B); empty for a fresh context.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>True for the seed question alone, the baseline of the attack (mode 0).</summary>
    public bool IsSeed { get; init; }
}
