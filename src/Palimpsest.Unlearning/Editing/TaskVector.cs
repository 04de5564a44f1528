using Palimpsest.Training;

namespace Palimpsest.Unlearning;

/// <summary>Settings of task vectors.</summary>
public sealed record TaskVectorOptions
{
    /// <summary>How far the weights go away from what the rows taught (α), in [-1000, 1000]; 0 changes nothing, -1
    /// gives the model that was taught.</summary>
    public double Scale
    {
        get;
        init => field = Require.InRange(value, atLeast: -1000, atMost: 1000);
    } = 5;
}

/// <summary>
/// Teaches a copy the forget rows and goes the other way: θ − α (θ_taught − θ). Ilharco et al. 2023,
/// arXiv:2212.04089; for forgetting as MUSE does it, arXiv:2407.06460.
/// </summary>
/// <remarks>Nothing is retained explicitly, and nothing bounds the damage: it grows with α and with the training.
/// Published runs teach for 10 epochs.</remarks>
/// <param name="options">Settings.</param>
public sealed class TaskVector(TaskVectorOptions options) : IUnlearningMethod
{
    /// <inheritdoc/>
    public string Id => "task-vector";

    /// <inheritdoc/>
    public bool ReadsRetain => false;

    /// <inheritdoc/>
    public bool ReadsAlternates => false;

    /// <inheritdoc/>
    public bool TakesAdapter => false;

    /// <inheritdoc/>
    /// <exception cref="InputException">The job has an adapter, a reference or a stop rule, or the weights come out not
    /// finite.</exception>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        UnlearnChecks.Require(job, Id, readsRetain: false);
        if (job.Lora is not null || job.Reference is not null)
            throw new InputException(
                $"Method '{Id}' edits the model's own weights: Lora and Reference have no effect."
            );
        if (job.StopRules.Count > 0)
            throw new InputException(
                $"Method '{Id}' takes no stop rules: they would measure the model that is taught, not the one that "
                    + "forgets."
            );
        job.Model.RequireDense($"Method '{Id}'");
        var (model, training) = await CopyTraining
            .RunAsync(job, job.Forget, stops: null, progress, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            Negate(job.Model, model);
            return new ChangedWeights(model, training);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Puts θ − α (θ_taught − θ) in the place of what was taught.</summary>
    private void Negate(CausalLM original, CausalLM taught)
    {
        using var grad = no_grad();
        foreach (var (before, after) in original.parameters().Zip(taught.parameters()))
        {
            using var scope = NewDisposeScope();
            after.copy_(before - (after - before) * options.Scale);
            if (!after.isfinite().all().item<bool>())
                throw new InputException(
                    FormattableString.Invariant(
                        $"Method '{Id}': weights are not finite at scale {options.Scale}; a smaller one may help."
                    )
                );
        }
    }
}
