namespace Palimpsest.Unlearning;

/// <summary>What came out of an unlearning run.</summary>
/// <param name="Model">The changed model; the caller disposes it.</param>
/// <param name="Adapter">The adapter attached to <paramref name="Model"/>, or null for full training.</param>
/// <param name="Training">How the run ended.</param>
/// <param name="KnowledgeInStoredWeights">True when the stored weights (base under an adapter, a helper) still hold the
/// knowledge.</param>
public sealed record UnlearnResult(
    CausalLM Model,
    LoraAdapter? Adapter,
    TrainResult Training,
    bool KnowledgeInStoredWeights
);
