namespace Palimpsest.Training;

/// <summary>Settings of the trainer.</summary>
public sealed record TrainOptions
{
    /// <summary>Passes over the data; ignored when <see cref="MaxSteps"/> is set.</summary>
    public int Epochs
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Optimiser steps; without them, as many as <see cref="Epochs"/> take.</summary>
    public int? MaxSteps
    {
        get;
        init => field = value is { } steps ? Require.AtLeast(steps, 1) : null;
    }

    /// <summary>Micro-batches per optimiser step.</summary>
    public int GradientAccumulation
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Largest gradient norm; 0 switches clipping off.</summary>
    public double ClipNorm
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1e9);
    } = 1;

    /// <summary>The optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The learning-rate schedule.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>Seed of everything random in the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>Folder of metrics.jsonl and checkpoints; null writes nothing.</summary>
    public string? RunFolder { get; init; }

    /// <summary>Optimiser steps between checkpoints in the run folder; 0 writes none but that of a cancelled
    /// run.</summary>
    public int CheckpointEvery
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 200;
}
