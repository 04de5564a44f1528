namespace Palimpsest.Unlearning;

/// <summary>A model that was made again from an ancestor which was prepared for it: what it knows of the forgotten rows
/// is what the ancestor's guarantee lets through.</summary>
public sealed record Lineage : UnlearnResult
{
    /// <summary>Takes what a run made.</summary>
    /// <param name="model">The new decoder; the caller disposes it.</param>
    /// <param name="ancestor">The ancestor's weights, see <see cref="WeightHash"/>.</param>
    /// <param name="guarantee">What bounds the ancestor's knowledge of a row, as it was given.</param>
    /// <param name="training">How the run ended.</param>
    public Lineage(CausalLM model, string ancestor, string guarantee, TrainResult training)
        : base(training) => (Model, Ancestor, Guarantee) = (model, ancestor, guarantee);

    /// <inheritdoc/>
    public override CausalLM Model { get; }

    /// <summary>The ancestor's weights, see <see cref="WeightHash"/>.</summary>
    public string Ancestor { get; }

    /// <summary>What bounds the ancestor's knowledge of a row.</summary>
    public string Guarantee { get; }

    /// <summary>The ancestor: it is kept for the next deletion.</summary>
    public override IReadOnlyList<string> StillHeldBy =>
        [$"the protected base (weights {Ancestor}), which was trained on every row: {Guarantee}"];

    private protected override ResultRecord Write(
        string folder,
        LanguageModel original,
        string path,
        ResultRecord about
    )
    {
        original.SaveAs(Model, folder);
        return about with { Base = BaseRecord.Of(path), Guarantee = Guarantee };
    }
}
