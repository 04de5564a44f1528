namespace Palimpsest.Training;

/// <summary>Shows training steps as progress of a task.</summary>
/// <param name="progress">Told after every step.</param>
/// <param name="stage">What is being trained.</param>
public sealed class StepProgress(IProgress<TaskProgress> progress, string stage) : IProgress<TrainProgress>
{
    /// <inheritdoc/>
    public void Report(TrainProgress value) =>
        progress.Report(
            new(
                stage,
                value.Step,
                value.TotalSteps,
                FormattableString.Invariant($"loss {value.Loss:f3}, {value.TokensPerSecond:f0} tokens/s")
            )
        );
}
