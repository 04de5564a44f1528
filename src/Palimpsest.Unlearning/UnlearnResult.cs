namespace Palimpsest.Unlearning;

/// <summary>What came out of an unlearning run.</summary>
/// <param name="Model">The decoder that forgot, ready to generate and to be audited; the caller disposes it.</param>
/// <param name="Training">How the run ended.</param>
public abstract record UnlearnResult(CausalLM Model, TrainResult Training)
{
    /// <summary>The adapter attached to <see cref="Model"/>, or null.</summary>
    public virtual LoraAdapter? Adapter => null;

    /// <summary>The parts of the result that still hold the knowledge, in words; empty when none does.</summary>
    /// <remarks>What lies outside the result (the original, the run folder's checkpoints) is not listed.</remarks>
    public abstract IReadOnlyList<string> StillHeldBy { get; }

    /// <summary>True when what the result stores still holds the knowledge.</summary>
    public bool KnowledgeInStoredWeights => StillHeldBy.Count > 0;

    /// <summary>Why the run stopped before its last step, or null.</summary>
    public string? StoppedBecause { get; init; }
}
