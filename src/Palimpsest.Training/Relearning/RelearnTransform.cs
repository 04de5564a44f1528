namespace Palimpsest.Training;

/// <summary>Settings of a relearning test.</summary>
public sealed record RelearnOptions
{
    /// <summary>Optimiser steps, at least 1.</summary>
    public int Steps
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 30;

    /// <summary>Rows per step, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Learning rate, constant.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 5e-4;

    /// <summary>Seed of the order of rows.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Teaches a copy of a model some of what it forgot; what returns beside it was never removed. Deeb and Roger 2024,
/// arXiv:2410.08827.
/// </summary>
/// <param name="rows">Questions with the answers that are taught.</param>
/// <param name="options">Settings.</param>
public sealed class RelearnTransform(IReadOnlyList<(string Question, string Answer)> rows, RelearnOptions options)
    : IModelTransform
{
    /// <inheritdoc/>
    public string Name => $"relearn-{options.Steps}";

    /// <inheritdoc/>
    public async Task<IWeightModel> ApplyAsync(
        IWeightModel model,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Decoder.Attachments.Count == 0)
            model.Decoder.RequireDense("Relearning");
        var sequences = rows.Select((row, i) => model.EncodeAnswer(row.Question, row.Answer, i)).ToArray();
        var copy = model.Decoder.Clone();
        try
        {
            foreach (var parameter in copy.Attachments.Count == 0 ? copy.parameters() : [])
                parameter.requires_grad_(true);
            var data = new SequenceBatchSource(
                sequences,
                options.BatchSize,
                model.PadId,
                options.Seed,
                device: copy.Device
            );
            var training = new TrainOptions
            {
                MaxSteps = options.Steps,
                Optimizer = new() { LearningRate = options.LearningRate, WeightDecay = 0 },
                Seed = options.Seed,
            };
            await new Trainer(training)
                .RunAsync(
                    copy,
                    data,
                    new NextTokenLoss(),
                    progress is null ? null : new StepProgress(progress, "Relearning"),
                    cancellationToken
                )
                .ConfigureAwait(false);
            copy.eval();
            return model.WithDecoder(copy, $"{model.Name} ({Name})");
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
