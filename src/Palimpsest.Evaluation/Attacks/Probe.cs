using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>
/// One question that is after a fact: what is asked, and what an answer holds that tells it. Made once per data set,
/// hashed, stored, and put to every model and judge alike.
/// </summary>
public record Probe
{
    /// <summary>Unique within a set.</summary>
    [JsonPropertyOrder(1)]
    public required string Id { get; init; }

    /// <summary>The fact that it is after.</summary>
    [JsonPropertyOrder(2)]
    public required string FactId { get; init; }

    /// <summary>What the deletion request says about that fact.</summary>
    [JsonPropertyOrder(3)]
    public required FactScope Scope { get; init; }

    /// <summary>The question.</summary>
    [JsonPropertyOrder(6)]
    public required string Text { get; init; }

    /// <summary>The statement that the question is about: the fact itself, or a step towards it.</summary>
    [JsonPropertyOrder(7)]
    public required string KnowledgePoint { get; init; }

    /// <summary>The fact in full; empty where <see cref="KnowledgePoint"/> is the fact.</summary>
    [JsonPropertyOrder(8)]
    public string Statement { get; init; } = "";

    /// <summary>Texts of which an answer that tells the fact holds one.</summary>
    [JsonPropertyOrder(9)]
    public required IReadOnlyList<string> Expected { get; init; }

    /// <summary>Questions that are asked before this one; empty for a fresh context.</summary>
    [JsonPropertyOrder(10)]
    public IReadOnlyList<string> Steps { get; init; } = [];
}
