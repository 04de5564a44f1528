namespace Palimpsest.Unlearning;

/// <summary>The weights themselves forgot: nothing of the original is stored beside them.</summary>
public sealed record ChangedWeights : UnlearnResult
{
    /// <summary>Takes what a run made.</summary>
    /// <param name="model">The changed decoder; the caller disposes it.</param>
    /// <param name="training">How the run ended.</param>
    public ChangedWeights(CausalLM model, TrainResult training)
        : base(training) => Model = model;

    /// <inheritdoc/>
    public override CausalLM Model { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StillHeldBy => [];

    private protected override ResultRecord Write(
        string folder,
        LanguageModel original,
        string path,
        ResultRecord about
    )
    {
        original.SaveAs(Model, folder);
        return about;
    }
}
