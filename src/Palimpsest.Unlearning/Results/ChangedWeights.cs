namespace Palimpsest.Unlearning;

/// <summary>The weights themselves forgot: nothing of the original is stored beside them.</summary>
/// <param name="Model">The changed decoder; the caller disposes it.</param>
/// <param name="Training">How the run ended.</param>
public sealed record ChangedWeights(CausalLM Model, TrainResult Training) : UnlearnResult(Model, Training)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StillHeldBy => [];
}
