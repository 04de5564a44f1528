namespace Palimpsest.Unlearning;

/// <summary>Settings of DP2Unlearning.</summary>
public sealed record Dp2UnlearningOptions
{
    /// <summary>ε with which the base was trained, above 0, as its accountant gave it.</summary>
    public double? Epsilon
    {
        get;
        init => field = value is { } epsilon ? Require.InRange(epsilon, above: 0, name: nameof(Epsilon)) : null;
    }

    /// <summary>δ with which the base was trained, in (0, 1).</summary>
    public double? Delta
    {
        get;
        init => field = value is { } delta ? Require.InRange(delta, above: 0, atMost: 1, name: nameof(Delta)) : null;
    }
}

/// <summary>
/// Makes the model again from a base that was trained on all rows under differential privacy, by the retained rows
/// alone: what it knows of the others is bounded by the base's (ε, δ). arXiv:2504.13774.
/// </summary>
/// <remarks>The job's model has to be that protected base, never the model that was served: nothing here can tell the
/// two apart. No gradient is taken of forget rows; they are read to be kept out of the retained ones.</remarks>
/// <param name="options">Settings.</param>
public sealed class Dp2Unlearning(Dp2UnlearningOptions options) : IUnlearningMethod
{
    /// <inheritdoc/>
    public string Id => "dp2unlearning";

    /// <inheritdoc/>
    public bool ReadsAlternates => false;

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
        if (options is not { Epsilon: { } epsilon, Delta: { } delta })
            throw new InputException(
                $"Method '{Id}': epsilon and delta with which the base was trained are needed; without them the result "
                    + "promises nothing."
            );
        if (job.Lora is not null || job.Reference is not null)
            throw new InputException($"Method '{Id}' trains weights of its base: Lora and Reference have no effect.");
        UnlearnChecks.Require(job, Id, readsRetain: true);
        job.Model.RequireDense($"Method '{Id}'");
        var stops = new StopRules(job.StopRules, job.StopEvery);
        var (model, training) = await CopyTraining
            .RunAsync(job, job.Retain, stops, progress, cancellationToken)
            .ConfigureAwait(false);
        var guarantee = FormattableString.Invariant($"differential privacy with ε = {epsilon:g} and δ = {delta:g}");
        return new Lineage(model, WeightHash.Of(job.Model), guarantee, training) { StoppedBecause = stops.Reason };
    }
}
