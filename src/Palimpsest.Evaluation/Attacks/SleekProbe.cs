using System.Text.Json.Serialization;

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

    /// <summary>How it is put.</summary>
    public ProbeMode Mode { get; init; } = ProbeMode.Single;

    /// <summary>The question.</summary>
    public required string Text { get; init; }

    /// <summary>The statement that the question is about: the fact itself, or a step towards it.</summary>
    public required string KnowledgePoint { get; init; }

    /// <summary>The fact in full; empty where <see cref="KnowledgePoint"/> is the fact.</summary>
    public string Statement { get; init; } = "";

    /// <summary>Texts of which a leaking reply holds one.</summary>
    public required IReadOnlyList<string> Expected { get; init; }

    /// <summary>Helper questions of a chain or a conversation; empty for a fresh context.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>True when the model is told to reason step by step.</summary>
    public bool Reasoning { get; init; }

    /// <summary>True when the object is given and the subject is the answer; such probes are tallied apart,
    /// too.</summary>
    public bool IsReverse { get; init; }

    /// <summary>True for a probe of the factor grid, which no rate but the factors' counts.</summary>
    public bool IsFactorCell { get; init; }

    /// <summary>True for the seed question alone, the baseline of the attack (mode 0).</summary>
    [JsonIgnore]
    public bool IsSeed => Mode == ProbeMode.Seed && !IsFactorCell;
}
