using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary>Shows training steps as progress.</summary>
internal sealed class TrainSteps(IProgress<TaskProgress> progress, string stage) : IProgress<TrainProgress>
{
    /// <inheritdoc/>
    public void Report(TrainProgress value) => progress.Report(new(
        stage, value.Step, value.TotalSteps, FormattableString.Invariant($"loss {value.Loss:f3}, {value.TokensPerSecond:f0} tokens/s")));
}
