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
    public bool ReadsRetain => options is { ReadsRetain: true } || objective.Needs.HasFlag(ForgetNeeds.Retain);

    /// <inheritdoc/>
    public bool ReadsAlternates => objective.Needs.HasFlag(ForgetNeeds.Alternate);

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
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
        var model = job.Model.Clone();
        try
        {
            foreach (var parameter in model.parameters())
                parameter.requires_grad_(true);
            var selected = job.MayChange is { } selector ? new SelectedWeights(selector) : null;
            selected?.Apply(model);
            var stops = new StopRules(job.StopRules, job.StopEvery);
            var adapter = job.Lora is null
                ? null
                : LoraAdapter.Attach(model, AdapterName, job.Lora, SeededRandom.Derive(job.Training.Seed, 3));
            var source = new ForgetBatchSource(job, ReadsRetain, ReadsAlternates);
            var loss = new UnlearningObjective(objective, options, reference, forgetNll, alternateNll) { Id = Id };
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
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Check(UnlearnJob job)
    {
        if (job.Forget.Count == 0)
            throw new InputException("The forget set is empty; needed is at least one row.");
        if (ReadsRetain && job.Retain.Count == 0)
            throw new InputException($"The retain set is empty; method '{Id}' needs at least one row.");
        if (
            ReadsAlternates
            && (job.Alternates.Count != job.Forget.Count || job.Alternates.Any(answers => answers.Count == 0))
        )
            throw new InputException(
                $"Method '{Id}' needs another answer to each of the {job.Forget.Count} forget rows; "
                    + $"{job.Alternates.Count(a => a.Count > 0)} rows have one."
            );
        CheckRows("Forget", job.Forget, job.Model.Config);
        CheckRows("Retain", job.Retain, job.Model.Config);
        for (var row = 0; row < job.Alternates.Count; row++)
            CheckRows($"Other-answer (to forget row {row})", job.Alternates[row], job.Model.Config);
        CheckDisjoint(job);
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
                    + $"one of "
                    + $"the two."
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

    private static void CheckRows(string set, IReadOnlyList<TokenSequence> rows, DecoderConfig config)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].LabelCount <= 0)
                throw new InputException(
                    $"{set} row {row} has no token to learn: its {rows[row].Ids.Length} tokens are all prompt."
                );
            if (rows[row].Ids.Length > config.LongestSequence)
                throw new InputException(
                    $"{set} row {row} has {rows[row].Ids.Length} tokens; the model has {config.LongestSequence} "
                        + $"positions."
                );
            if (rows[row].Ids.FirstOrDefault(id => id < 0 || id >= config.VocabularySize, 0) is var id and not 0)
                throw new InputException(
                    $"{set} row {row} has token id {id}; the model's ids are 0 to {config.VocabularySize - 1}: the "
                        + $"tokenizer is of another model."
                );
        }
    }

    private static void CheckDisjoint(UnlearnJob job)
    {
        static string Key(TokenSequence row) => string.Join(' ', row.Ids);
        var forget = job.Forget.Select(Key).ToHashSet(StringComparer.Ordinal);
        for (var row = 0; row < job.Retain.Count; row++)
        {
            if (forget.Contains(Key(job.Retain[row])))
                throw new InputException($"Retain row {row} is a forget row too; a row is either kept or forgotten.");
        }
    }
}
