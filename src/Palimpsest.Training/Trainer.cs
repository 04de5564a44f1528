using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Palimpsest.Training;

/// <summary>The one training loop; it owns the optimiser step.</summary>
/// <remarks>
/// A step's gradient is the mean over its micro-batches, unless <see cref="Gradients"/> says otherwise. With a run
/// folder, metrics and checkpoints go there and a new run continues from the last checkpoint, bit for bit as if it had
/// never stopped: what objective, gradient source and extensions carry from step to step is in the checkpoint.
/// </remarks>
/// <param name="options">Settings.</param>
/// <param name="extensions">Hooks, called in order.</param>
public sealed class Trainer(TrainOptions options, params IReadOnlyList<ITrainExtension> extensions)
{
    /// <summary>How micro-batches become a gradient; the mean of theirs by default.</summary>
    public IGradientSource Gradients { get; init; } = new PlainGradients();

    /// <summary>Told of start, end and cancellation in numbers; nobody by default.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Trains every parameter of the model that requires a gradient; resumes from the run folder's last
    /// checkpoint.</summary>
    /// <exception cref="InputException">Nothing can be trained, loss, gradients or weights are not finite, or a
    /// checkpoint does not fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two steps; a checkpoint is written
    /// first.</exception>
    public Task<TrainResult> RunAsync<TModel>(
        TModel model,
        IBatchSource data,
        IObjective<TModel> objective,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
        where TModel : ITrainable
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(objective);
        return Task.Run(
            () =>
                Run(
                    model,
                    data,
                    objective,
                    (batches, step) => objective.Loss(model, batches, step),
                    progress,
                    cancellationToken
                ),
            cancellationToken
        );
    }

    private TrainResult Run(
        ITrainable model,
        IBatchSource data,
        ITrainState objective,
        Func<StepBatches, TrainStep, Tensor> loss,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var parameters = model.TrainableParameters;
        if (parameters.Count == 0)
            throw new InputException("The model has no parameter that requires a gradient: nothing can be trained.");
        using var runLock = options.RunFolder is null ? null : LockFile.Take(options.RunFolder);
        using var optimizer = OptimizerFactory.Create(options.Optimizer, parameters);
        ITrainExtension[] hooks =
            objective is ITrainExtension own && !extensions.Contains(own) ? [own, .. extensions] : [.. extensions];
        var perEpoch = (data.BatchesPerEpoch + options.GradientAccumulation - 1) / options.GradientAccumulation;
        var total = options.MaxSteps ?? options.Epochs * perEpoch;
        var parts = new TrainParts(objective, Gradients, extensions);
        var fingerprint =
            (options with { RunFolder = null, CheckpointEvery = 0 }).ToString() + $" steps {total} {parts.Fingerprint}";
        foreach (var hook in hooks)
            hook.OnTaskStart(model, options);
        var state = options.RunFolder is null
            ? null
            : TrainCheckpoint.Load(options.RunFolder, fingerprint, new(model, optimizer, parts));
        using var log = options.RunFolder is null ? null : new MetricsLog(options.RunFolder, state?.Step ?? 0);
        var loop = new Loop(
            new(model, optimizer, parts),
            data,
            loss,
            hooks,
            [.. parameters.Select(p => p.Value)],
            total
        );
        optimizer.UpdateMasks = UpdateMasks(loop);
        Logger.TrainingStarted(
            parameters.Sum(parameter => parameter.Value.numel()),
            parameters.Count,
            state?.Step ?? 0,
            total,
            options.Seed
        );
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
        var (clock, wasTraining) = (Stopwatch.StartNew(), loop.Model.IsTraining);
        var (step, tokens, loss, stopped) = (start.Step, start.Tokens, start.Loss, start.Stopped);
        loop.Model.IsTraining = true;
        for (; step < loop.TotalSteps && !stopped; step++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Checkpoint(loop, start with { Step = step, Tokens = tokens, Loss = loss });
                Logger.TrainingCancelled(step, options.RunFolder is not null);
                cancellationToken.ThrowIfCancellationRequested();
            }

            var report = Step(loop, step, tokens);
            (loss, tokens) = (report.Loss, report.Tokens);
            log?.Write(report);
            progress?.Report(report);
            foreach (var hook in loop.Hooks)
                stopped |= hook.AfterStep(loop.Model, report);
            if (options.CheckpointEvery > 0 && (step + 1) % options.CheckpointEvery == 0)
                Checkpoint(loop, start with { Step = step + 1, Tokens = tokens, Loss = loss, Stopped = stopped });
        }

        loop.Optimizer.ZeroGradients();
        loop.Model.IsTraining = wasTraining;
        foreach (var hook in loop.Hooks)
            hook.OnTaskEnd(loop.Model);
        Logger.TrainingFinished(step, tokens, clock.Elapsed.TotalSeconds, loss);
        return new(step, loss, tokens, clock.Elapsed.TotalSeconds, stopped);
    }

    private TrainProgress Step(Loop loop, int step, long tokens)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var schedule = new LearningRateSchedule(options.Schedule, options.Optimizer.LearningRate, loop.TotalSteps);
        loop.Optimizer.ZeroGradients();
        var work = new GradientWork(
            (loop.Parameters, step, loop.TotalSteps, options.GradientAccumulation),
            loop.Data,
            loop.Loss,
            position =>
            {
                foreach (var hook in loop.Hooks)
                    hook.AfterBackward(loop.Model, position);
            }
        );
        var gradient = Gradients.Compute(work);
        if (gradient.Rows > 0 && !double.IsFinite(gradient.Loss))
            throw Diverged(step, $"the loss is {gradient.Loss}");
        var scale = gradient.Scale;
        loop.Position = work.Position(options.GradientAccumulation - 1);
        foreach (var hook in loop.Hooks)
            hook.BeforeStep(loop.Model, loop.Position, scale);
        var norm = options.ClipNorm > 0 ? scale * GradientNorm.Of(loop.Parameters) : double.NaN;
        if (options.ClipNorm > 0 && !double.IsFinite(norm))
            throw Diverged(step, $"the gradient's norm is {norm}");
        if (norm > options.ClipNorm)
            scale *= options.ClipNorm / (norm + 1e-6);
        var rate = schedule.At(step);
        loop.Optimizer.Step(rate, scale);
        return new(
            step + 1,
            loop.TotalSteps,
            gradient.Loss,
            rate,
            norm,
            tokens + gradient.Tokens,
            gradient.Tokens / Stopwatch.GetElapsedTime(started).TotalSeconds
        );
    }

    /// <summary>By parameter, what changes its update before it is written; null where nothing does.</summary>
    private static Action<Tensor>?[]? UpdateMasks(Loop loop)
    {
        var index = new Dictionary<nint, int>();
        for (var i = 0; i < loop.Parameters.Count; i++)
            index[loop.Parameters[i].Handle] = i;
        Action<Tensor>?[]? masks = null;
        foreach (var hook in loop.Hooks)
        {
            foreach (var weight in hook.MaskedWeights(loop.Model))
            {
                if (!index.TryGetValue(weight.Storage.Handle, out var place))
                    continue;
                masks ??= new Action<Tensor>?[loop.Parameters.Count];
                masks[place] += update =>
                {
                    using var part = update.narrow(0, weight.RowStart, weight.RowCount);
                    hook.OnUpdate(weight, part, loop.Position);
                };
            }
        }

        return masks;
    }

    private void Checkpoint(Loop loop, TrainCheckpoint.State state)
    {
        if (options.RunFolder is null)
            return;
        using (no_grad())
        using (NewDisposeScope())
        {
            if (!loop.Parameters.All(parameter => parameter.isfinite().all().item<bool>()))
                throw Diverged(state.Step - 1, "the step leaves weights that are not finite");
        }

        TrainCheckpoint.Write(options.RunFolder, state, loop.Content);
    }

    private InputException Diverged(int step, string what)
    {
        var kept =
            options.RunFolder is { } run && TrainCheckpoint.Newest(run) is { } newest
                ? $" The last good checkpoint is {newest}."
                : "";
        return new(
            FormattableString.Invariant($"Step {step}: {what}; a smaller learning rate than ")
                + FormattableString.Invariant($"{options.Optimizer.LearningRate} may help.{kept}")
        );
    }

    private sealed record Loop(
        TrainCheckpoint.Content Content,
        IBatchSource Data,
        Func<StepBatches, TrainStep, Tensor> Loss,
        IReadOnlyList<ITrainExtension> Hooks,
        IReadOnlyList<TorchSharp.Modules.Parameter> Parameters,
        int TotalSteps
    )
    {
        public ITrainable Model => Content.Model;

        public IOptimizer Optimizer => Content.Optimizer;

        public TrainStep Position { get; set; }
    }
}
