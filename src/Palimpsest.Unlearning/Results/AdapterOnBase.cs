namespace Palimpsest.Unlearning;

/// <summary>An adapter that makes its base forget: taken off, the knowledge is back.</summary>
/// <param name="Model">The base with the adapter attached; the caller disposes it.</param>
/// <param name="Attached">The adapter.</param>
/// <param name="Base">Which base it belongs to, see <see cref="WeightHash"/>.</param>
/// <param name="Training">How the run ended.</param>
public sealed record AdapterOnBase(CausalLM Model, LoraAdapter Attached, string Base, TrainResult Training)
    : UnlearnResult(Model, Training)
{
    /// <inheritdoc/>
    public override LoraAdapter? Adapter => Attached;

    /// <inheritdoc/>
    public override IReadOnlyList<string> StillHeldBy =>
        [$"the base under the adapter (weights {Base}): without the adapter it answers as before"];

    /// <summary>The merged weights alone: an independent model from which the adapter cannot be taken out; this result
    /// stays as it is.</summary>
    public ChangedWeights Merged() => new(Model.CloneFrozen(), Training) { StoppedBecause = StoppedBecause };

    /// <summary>Refuses a base that the adapter was not made for.</summary>
    /// <exception cref="InputException">The weights differ.</exception>
    public void RequireBase(CausalLM candidate)
    {
        var found = WeightHash.Of(candidate);
        if (found != Base)
            throw new InputException(
                $"The adapter was made for a base of weights {Base}; these are {found}: on another base it forgets "
                    + $"nothing."
            );
    }
}
