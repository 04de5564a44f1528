using System.Diagnostics;

namespace Palimpsest.Training;

/// <summary>The one training loop; it owns the optimiser step.</summary>
/// <remarks>
/// A step's gradient is the mean over its micro-batches. With a run folder, metrics and checkpoints go there and a new
/// run
/// continues from the last checkpoint, bit for bit as if it had never stopped.
/// </remarks>
/// <param name="options">Settings.</param>
/// <param name="extensions">Hooks, called in order.</param>
public sealed class Trainer(TrainOptions options, params IReadOnlyList<ITrainExtension> extensions)
{
    /// <summary>Trains every parameter of the model that requires a gradient; resumes from the run folder's last
    /// checkpoint.</summary>
    /// <exception cref="InputException">Nothing can be trained, the loss is not a number, or a checkpoint does not
    /// fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two steps; a checkpoint is written
    /// first.</exception>
    public Task<TrainResult> RunAsync(
        CausalLM model,
        IBatchSource data,
        IObjective objective,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        return Task.Run(() => Run(model, data, objective, progress, cancellationToken), cancellationToken);
    }

    private TrainResult Run(
        CausalLM model,
        IBatchSource data,
        IObjective objective,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var parameters = model.TrainableParameters;
        if (parameters.Count == 0)
            throw new InputException("The model has no parameter that requires a gradient: nothing can be trained.");
        using var runLock = options.RunFolder is null ? null : LockFile.Take(options.RunFolder);
        using var optimizer = OptimizerFactory.Create(options.Optimizer, parameters);
        var perEpoch = (data.BatchesPerEpoch + options.GradientAccumulation - 1) / options.GradientAccumulation;
        var total = options.MaxSteps ?? options.Epochs * perEpoch;
        var fingerprint = (options with { RunFolder = null, CheckpointEvery = 0 }).ToString() + $" steps {total}";
        var state = options.RunFolder is null
            ? null
            : TrainCheckpoint.Load(options.RunFolder, fingerprint, model, optimizer);
        using var log = options.RunFolder is null ? null : new MetricsLog(options.RunFolder, state?.Step ?? 0);
        var loop = new Loop(model, data, objective, optimizer, [.. parameters.Select(p => p.Value)], total);
        return Steps(loop, state ?? new(0, 0, double.NaN, fingerprint), log, progress, cancellationToken);
    }

    private TrainResult Steps(
        Loop loop,
        TrainCheckpoint.State start,
        MetricsLog? log,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var (clock, wasTraining) = (Stopwatch.StartNew(), loop.Model.training);
        var (step, tokens, loss, stopped) = (start.Step, start.Tokens, start.Loss, false);
        foreach (var extension in extensions)
            extension.OnTaskStart(loop.Model, options);
        var masks = extensions.Where(e => e.MasksUpdates).ToArray();
        loop.Model.train();
        for (; step < loop.TotalSteps && !stopped; step++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Checkpoint(loop, start with { Step = step, Tokens = tokens, Loss = loss });
                cancellationToken.ThrowIfCancellationRequested();
            }

            var report = Step(loop, step, tokens, masks);
            (loss, tokens) = (report.Loss, report.Tokens);
            log?.Write(report);
            progress?.Report(report);
            foreach (var extension in extensions)
                stopped |= extension.AfterStep(loop.Model, report);
            if (options.CheckpointEvery > 0 && (step + 1) % options.CheckpointEvery == 0)
                Checkpoint(loop, start with { Step = step + 1, Tokens = tokens, Loss = loss });
        }

        loop.Optimizer.ZeroGradients();
        loop.Model.train(wasTraining);
        foreach (var extension in extensions)
            extension.OnTaskEnd(loop.Model);
        return new(step, loss, tokens, clock.Elapsed.TotalSeconds, stopped);
    }

    private TrainProgress Step(Loop loop, int step, long tokens, ITrainExtension[] masks)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var schedule = new LearningRateSchedule(options.Schedule, options.Optimizer.LearningRate, loop.TotalSteps);
        var (loss, seen, position) = (0.0, 0L, default(TrainStep));
        loop.Optimizer.ZeroGradients();
        for (var micro = 0; micro < options.GradientAccumulation; micro++)
        {
            using var inner = NewDisposeScope();
            var index = (long)step * options.GradientAccumulation + micro;
            using var batches = loop.Data.Batch(index);
            position = new(step, index, (int)(index / loop.Data.BatchesPerEpoch), loop.TotalSteps);
            var value = loop.Objective.Loss(loop.Model, batches, position);
            value.backward();
            loss += value.item<float>() / options.GradientAccumulation;
            seen += batches.RealTokens;
            foreach (var extension in extensions)
                extension.AfterBackward(loop.Model, position);
        }

        if (!double.IsFinite(loss))
            throw new InputException(
                $"Step {step}: the loss is {loss}; a smaller learning rate than {options.Optimizer.LearningRate} may "
                    + $"help."
            );
        var scale = 1.0 / options.GradientAccumulation;
        var norm = options.ClipNorm > 0 ? scale * GradientNorm.Of(loop.Parameters) : double.NaN;
        if (norm > options.ClipNorm)
            scale *= options.ClipNorm / (norm + 1e-6);
        loop.Optimizer.UpdateMask =
            masks.Length == 0
                ? null
                : (parameter, update) =>
                {
                    foreach (var mask in masks)
                        mask.OnUpdate(parameter, update, position);
                };
        var rate = schedule.At(step);
        loop.Optimizer.Step(rate, scale);
        return new(
            step + 1,
            loop.TotalSteps,
            loss,
            rate,
            norm,
            tokens + seen,
            seen / Stopwatch.GetElapsedTime(started).TotalSeconds
        );
    }

    private void Checkpoint(Loop loop, TrainCheckpoint.State state)
    {
        if (options.RunFolder is not null)
            TrainCheckpoint.Write(options.RunFolder, state, loop.Model, loop.Optimizer);
    }

    private sealed record Loop(
        CausalLM Model,
        IBatchSource Data,
        IObjective Objective,
        IOptimizer Optimizer,
        IReadOnlyList<TorchSharp.Modules.Parameter> Parameters,
        int TotalSteps
    );
}
