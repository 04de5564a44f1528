namespace Palimpsest.Evaluation;

/// <summary>A row of a task: either answers to choose from by likelihood, or a text to generate up to a stop
/// text.</summary>
public sealed record TaskRow
{
    /// <summary>Unique within its task.</summary>
    public required string Id { get; init; }

    /// <summary>The task that it is counted in.</summary>
    public required string Task { get; init; }

    /// <summary>Where it was read, for messages.</summary>
    public required string Place { get; init; }

    /// <summary>What the model reads; may be empty where answers are scored.</summary>
    public required string Context { get; init; }

    /// <summary>Texts that follow the context, their first blank included; empty for a row to generate.</summary>
    public IReadOnlyList<string> Continuations { get; init; } = [];

    /// <summary>The place of the right continuation.</summary>
    public int Gold { get; init; }

    /// <summary>Right texts of a row to generate, at least one.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Texts that end what is generated; none of them is part of it.</summary>
    public IReadOnlyList<string> Until { get; init; } = [];

    /// <summary>Most new tokens; null takes the settings'.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>Whether answers are to be chosen from.</summary>
    public bool IsChoice => Continuations.Count > 0;
}
