namespace Palimpsest.Unlearning;

/// <summary>Runs a forget objective with the one trainer, on all weights or through a low-rank adapter.</summary>
/// <param name="id">The catalogue's id.</param>
/// <param name="objective">The forget term.</param>
/// <param name="options">Weights and retain term; null for an objective that stands alone.</param>
public sealed class Unlearner(string id, IForgetObjective objective, ForgetOptions? options) : IUnlearningMethod
{
    private const string AdapterName = "forget";

    /// <inheritdoc/>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public LoraOptions? OwnLora { get; init; }

    /// <summary>Makes what an adapter begins with from the job; null: an adapter begins as no change.</summary>
    public Func<UnlearnJob, CancellationToken, IAdapterInitializer>? AdapterStart { get; init; }

    /// <summary>Makes the stop rule that held-out rows call for; null where they call for none.</summary>
    public Func<UnlearnJob, CancellationToken, IStopRule?>? MeasuredStop { get; init; }

    /// <summary>Makes the logits [B, T, V] that losses see of the model in training and a batch; null: the model's
    /// own. The reference's are its own.</summary>
    internal Func<CausalLM, TokenBatch, Tensor>? ComposedLogits { get; init; }

    /// <inheritdoc/>
    public bool ReadsHoldout => MeasuredStop is not null;

    /// <inheritdoc/>
    public bool ReadsRetain => options is { ReadsRetain: true } || objective.Needs.HasFlag(ForgetNeeds.Retain);

    /// <inheritdoc/>
    public bool ReadsAlternates => objective.Needs.HasFlag(ForgetNeeds.Alternate);

    /// <inheritdoc/>
    public IReadOnlyList<string> RefusedSettings => options?.Refused ?? [];

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        job = job with { Lora = job.Lora ?? OwnLora };
        if (job.Lora is null)
            job.Model.RequireDense($"Method '{Id}' on all weights");
        var needs = objective.Needs;
        Check(job);
        job.Logger.UnlearningStarted(
            Id,
            job.Forget.Count,
            job.Retain.Count,
            job.Alternates.Count(answers => answers.Count > 0),
            job.Training.Seed
        );
        var reference = job.Reference ?? job.Model;
        float[] Nll(bool wanted, IReadOnlyList<TokenSequence> sequences) =>
            wanted
                ? UnlearningObjective.SequenceNll(reference, sequences, job.PadId, job.BatchSize, cancellationToken)
                : [];
        var forgetNll = Nll(needs.HasFlag(ForgetNeeds.ForgetReference), job.Forget);
        var alternateNll = Nll(
            needs.HasFlag(ForgetNeeds.AlternateReference),
            [.. job.Alternates.SelectMany(answers => answers)]
        );
        if (MeasuredStop?.Invoke(job, cancellationToken) is { } stop)
            job = job with { StopRules = [.. job.StopRules, stop] };
        var start = job.Lora is null ? null : AdapterStart?.Invoke(job, cancellationToken);
        var model = job.Model.Clone();
        try
        {
            var loss = new UnlearningObjective(objective, options, reference, forgetNll, alternateNll)
            {
                ComposedLogits = ComposedLogits,
                Extra = job.Extra,
                Id = start is null ? Id : $"{Id} {start.Description}",
            };
            return await TrainAsync(job, model, start, loss, progress, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private async Task<UnlearnResult> TrainAsync(
        UnlearnJob job,
        CausalLM model,
        IAdapterInitializer? start,
        UnlearningObjective loss,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(true);
        using var selected = SelectedWeights.Of(job, cancellationToken);
        selected?.Apply(model);
        var stops = new StopRules(job.StopRules, job.StopEvery);
        var adapter = job.Lora is null
            ? null
            : LoraAdapter.Attach(model, AdapterName, job.Lora, SeededRandom.Derive(job.Training.Seed, 3), start);
        (start as IDisposable)?.Dispose();
        var source = new ForgetBatchSource(job, ReadsRetain, ReadsAlternates);
        IReadOnlyList<ITrainExtension> extensions = selected is null
            ? [.. job.Extensions, stops]
            : [selected, .. job.Extensions, stops];
        var training = await new Trainer(job.Training, extensions) { Logger = job.Logger }
            .RunAsync(model, source, loss, progress, cancellationToken)
            .ConfigureAwait(false);
        model.eval();
        UnlearnResult result = adapter is null
            ? new ChangedWeights(model, training) { StoppedBecause = stops.Reason }
            : new AdapterOnBase(model, adapter, WeightHash.Of(model), training) { StoppedBecause = stops.Reason };
        job.Logger.UnlearningFinished(Id, training.Steps, result.GetType().Name);
        return result;
    }

    private void Check(UnlearnJob job)
    {
        UnlearnChecks.Require(job, Id, ReadsRetain);
        if (ReadsAlternates)
            UnlearnChecks.RequireAlternates(job, Id);
        objective.Check(job.Forget);
        CheckChoice(job);
        CheckHidden(job);
        if (job.Lora is { } lora)
            LoraAdapter.RequireFit(job.Model, lora);
    }

    private void CheckChoice(UnlearnJob job)
    {
        if (job.MayChange is not null && job.Lora is not null)
            throw new InputException(
                $"Method '{Id}': MayChange chooses base weights, but an adapter (Lora) is to be trained; allowed is "
                    + $"one of the two."
            );
        job.MayChange?.Select(job.Model);
        if (job.Reference is { } reference && reference.Config.VocabularySize != job.Model.Config.VocabularySize)
            throw new InputException(
                $"The reference has {reference.Config.VocabularySize} ids, the model {job.Model.Config.VocabularySize}."
            );
    }

    private void CheckHidden(UnlearnJob job)
    {
        if (objective.HiddenLayer(job.Model.Config) is null && options is { Retain: RetainTerm.Hidden })
            throw new InputException(
                $"Method '{Id}' reads no hidden states, so that there is no layer for a retain term of them."
            );
        if (
            job.Reference is { } reference
            && objective.HiddenLayer(job.Model.Config) is not null
            && (reference.Config.HiddenSize, reference.Config.Layers)
                != (job.Model.Config.HiddenSize, job.Model.Config.Layers)
        )
            throw new InputException(
                $"Method '{Id}' compares hidden states: the reference has {reference.Config.Layers} layers of "
                    + $"{reference.Config.HiddenSize}, the model {job.Model.Config.Layers} of "
                    + $"{job.Model.Config.HiddenSize}."
            );
    }
}
