namespace Palimpsest.Unlearning;

/// <summary>Selective amnesia: <see cref="SelectiveAmnesia"/> on the weights of the layers that hold the facts, which
/// are named, or found by causal tracing where anchors name the subjects, or else the first ones.</summary>
/// <remarks>Without names and anchors they are layers 0 to 5 as published, and at most three eighths of the
/// model's.</remarks>
/// <param name="options">Settings.</param>
internal sealed class SelectiveAmnesiaMethod(SelectiveAmnesiaOptions options) : IUnlearningMethod
{
    private const int PublishedLayers = 6;

    /// <inheritdoc/>
    public string Id => "selective-amnesia";

    /// <inheritdoc/>
    public bool ReadsAlternates => false;

    /// <inheritdoc/>
    public bool ReadsAnchors => options.FirstLayer is null && options.LastLayer is null;

    /// <inheritdoc/>
    public bool TakesAdapter => false;

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        UnlearnChecks.RequireFreeChoice(job, Id);
        UnlearnChecks.Require(job, Id, readsRetain: true);
        var selector = new WeightSelector
        {
            Layers = await Task.Run(() => Layers(job, cancellationToken), cancellationToken).ConfigureAwait(false),
            Components = options.Component switch
            {
                AmnesiaComponent.Mlp => [ModelComponent.Mlp],
                AmnesiaComponent.Attention => [ModelComponent.Attention],
                _ => null,
            },
        };
        job.Logger.LayersChosen(Id, string.Join(' ', selector.Layers));
        return await new Unlearner(Id, new SelectiveAmnesia(options), null)
            .RunAsync(job with { MayChange = selector }, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The layers that change.</summary>
    internal IReadOnlyList<int> Layers(UnlearnJob job, CancellationToken cancellationToken)
    {
        var count = job.Model.Config.Layers;
        if (options.FirstLayer is not null || options.LastLayer is not null)
        {
            if (job.Anchors.Count > 0)
                throw new InputException($"Method '{Id}': anchors have no effect where layers are named.");
            var (first, last) = (options.FirstLayer ?? 0, options.LastLayer ?? count - 1);
            return first <= last && last < count
                ? [.. Enumerable.Range(first, last - first + 1)]
                : throw new InputException(
                    $"Method '{Id}': layers {first} to {last} are asked; the model's are 0 to {count - 1}."
                );
        }

        if (job.Anchors.Count == 0)
            return [.. Enumerable.Range(0, Math.Min(PublishedLayers, (3 * count + 7) / 8))];
        var tracing = new CausalTracerOptions
        {
            Noise = options.TraceNoise,
            Draws = options.TraceDraws,
            Seed = job.Training.Seed,
        };
        return TracedLayers.Find(job, tracing, cancellationToken).Layers;
    }
}
