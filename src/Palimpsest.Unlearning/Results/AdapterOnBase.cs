namespace Palimpsest.Unlearning;

/// <summary>An adapter that makes its base forget: taken off, the knowledge is back.</summary>
public sealed record AdapterOnBase : UnlearnResult
{
    /// <summary>Takes what a run made.</summary>
    /// <param name="model">The base with the adapter attached; the caller disposes it.</param>
    /// <param name="attached">The adapter.</param>
    /// <param name="weights">Which base it belongs to, see <see cref="WeightHash"/>.</param>
    /// <param name="training">How the run ended.</param>
    public AdapterOnBase(CausalLM model, LoraAdapter attached, string weights, TrainResult training)
        : base(training) => (Model, Attached, Base) = (model, attached, weights);

    /// <summary>The base with the adapter attached.</summary>
    public override CausalLM Model { get; }

    /// <summary>The adapter.</summary>
    public LoraAdapter Attached { get; }

    /// <summary>Which base it belongs to, see <see cref="WeightHash"/>: the changed one where the adapter took its
    /// start out of the original.</summary>
    public string Base { get; }

    /// <inheritdoc/>
    public override LoraAdapter? Adapter => Attached;

    /// <inheritdoc/>
    public override IReadOnlyList<string> StillHeldBy =>
        Attached.ChangesBase
            ? [$"the changed base under the adapter (weights {Base}): most of the original is in it"]
            : [$"the base under the adapter (weights {Base}): without the adapter it answers as before"];

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

    /// <summary>Writes the adapter; where it has changed its base, the base too, with the tokenizer.</summary>
    private protected override ResultRecord Write(
        string folder,
        LanguageModel original,
        string path,
        ResultRecord about
    )
    {
        Attached.Save(folder);
        if (!Attached.ChangesBase)
            return about with { Base = BaseRecord.Of(path) };
        original.Tokenizer.Save(Path.Combine(folder, BaseRecord.OwnFolder));
        return about with { Base = BaseRecord.Within(folder, BaseRecord.OwnFolder) };
    }
}
