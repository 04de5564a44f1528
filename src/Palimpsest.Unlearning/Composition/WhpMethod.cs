using Palimpsest.Training;

namespace Palimpsest.Unlearning;

/// <summary>Who's Harry Potter: a copy is taught more of the text, and what it comes to favour is taken off; the model
/// is trained on the rest, or it is taken off while decoding.</summary>
/// <remarks>
/// Three steps: the reinforced copy, generic labels (<see cref="GenericLabels"/>) of both models and the anchors,
/// training of the original on the labels. Nothing is retained explicitly. With
/// <see cref="WhpOptions.AtDecoding"/> the first step alone is done, and the result is both models. Eldan and
/// Russinovich 2023, arXiv:2310.02238; the form at decoding is MUSE's.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class WhpMethod(WhpOptions options) : IUnlearningMethod
{
    /// <summary>Where the reinforced model's checkpoints are within the run folder, beside those of the
    /// training.</summary>
    public const string ReinforcedFolder = "reinforced";

    private const string AdapterName = "reinforced";
    private const int Epochs = 3;
    private const double RateFactor = 3;

    /// <inheritdoc/>
    public string Id => "whp";

    /// <inheritdoc/>
    public bool ReadsRetain => false;

    /// <inheritdoc/>
    public bool ReadsAlternates => false;

    /// <inheritdoc/>
    public bool ReadsAnchors => !options.AtDecoding;

    /// <inheritdoc/>
    public bool Composes => options.AtDecoding;

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        Check(job);
        return options.AtDecoding
            ? await ComposeAsync(job, progress, cancellationToken).ConfigureAwait(false)
            : await TrainAsync(job, progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<UnlearnResult> ComposeAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var stops = new StopRules(job.StopRules, job.StopEvery);
        var trainer = new Trainer(job.Training, [.. job.Extensions, stops]) { Logger = job.Logger };
        var (reinforced, training) = await ReinforceAsync(job, job.Forget, trainer, progress, cancellationToken)
            .ConfigureAwait(false);
        using (reinforced)
            return new Composed(reinforced.CloneFrozen(), Id, options.Composition, training)
            {
                StoppedBecause = stops.Reason,
            };
    }

    private async Task<UnlearnResult> TrainAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        TokenSequence[] blocks = [.. job.Forget.SelectMany(row => Blocks(row, options.BlockTokens))];
        var rate = options.ReinforcedLearningRate ?? Math.Min(1, RateFactor * job.Training.Optimizer.LearningRate);
        var training = job.Training with
        {
            Epochs = options.ReinforcedEpochs ?? Epochs,
            MaxSteps = null,
            Optimizer = job.Training.Optimizer with { LearningRate = rate },
            RunFolder = job.Training.RunFolder is { } run ? Path.Combine(run, ReinforcedFolder) : null,
        };
        var trainer = new Trainer(training) { Logger = job.Logger };
        var (reinforced, _) = await ReinforceAsync(job, blocks, trainer, progress, cancellationToken)
            .ConfigureAwait(false);
        GenericLabels labels;
        using (reinforced)
            labels = await Task.Run(
                    () =>
                        GenericLabels.Build(
                            blocks,
                            (job.Model, reinforced),
                            job.Anchors,
                            options,
                            (job.BatchSize, job.PadId),
                            cancellationToken
                        ),
                    cancellationToken
                )
                .ConfigureAwait(false);
        return await new Unlearner(Id, new Whp(labels), null)
            .RunAsync(job with { Forget = blocks }, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task<(CausalLM Model, TrainResult Training)> ReinforceAsync(
        UnlearnJob job,
        IReadOnlyList<TokenSequence> rows,
        Trainer trainer,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var model = job.Model.Clone();
        try
        {
            foreach (var parameter in model.parameters())
                parameter.requires_grad_(true);
            if (job.Lora is { } lora)
                LoraAdapter.Attach(model, AdapterName, lora, SeededRandom.Derive(job.Training.Seed, 4));
            var source = new SequenceBatchSource(
                rows,
                job.BatchSize,
                job.PadId,
                SeededRandom.Derive(job.Training.Seed, 5),
                device: model.Device
            );
            var training = await trainer
                .RunAsync(model, source, new NextTokenLoss(), progress, cancellationToken)
                .ConfigureAwait(false);
            model.eval();
            return (model, training);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Check(UnlearnJob job)
    {
        options.RequireUsed();
        UnlearnChecks.Require(job, Id, readsRetain: false);
        if (job.Lora is { } lora)
            LoraAdapter.RequireFit(job.Model, lora);
        else
            job.Model.RequireDense($"Method '{Id}' on all weights");
        if (job.Reference is not null)
            throw new InputException($"Method '{Id}': Reference has no effect; the baseline is the model itself.");
        if (options.AtDecoding && job.MayChange is not null)
            throw new InputException(
                $"Method '{Id}': MayChange has no effect, since the model's weights stay as they are."
            );
        if (options.AtDecoding && job.Anchors.Count > 0)
            throw new InputException(
                $"Method '{Id}': anchors have no effect at decoding, where there is no text to replace them in."
            );
    }

    private static IEnumerable<TokenSequence> Blocks(TokenSequence row, int most)
    {
        for (var start = 0; start < row.Ids.Length; start += most)
        {
            var end = Math.Min(row.Ids.Length, start + most);
            var block = new TokenSequence(row.Ids[start..end], Math.Clamp(row.LabelStart - start, 0, end - start))
            {
                Row = row.Row,
                Flag = row.Flag,
                Labels = row.Labels is null ? null : [.. row.Labels.Take(start..end)],
                Tags = row.Tags is null ? null : [.. row.Tags.Take(start..end)],
            };
            if (block.LabelCount > 0)
                yield return block;
        }
    }
}
