namespace Palimpsest.Training;

/// <summary>What one optimiser step did; a line of metrics.jsonl.</summary>
/// <param name="Step">Steps finished.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Loss">Mean loss over the step's micro-batches; NaN when none of them had a row.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="GradientNorm">Norm before clipping; NaN when clipping is off.</param>
/// <param name="Tokens">Real tokens seen so far.</param>
/// <param name="TokensPerSecond">Real tokens per second in this step.</param>
public readonly record struct TrainProgress(
    int Step,
    int TotalSteps,
    [property: WhenMissing("no batch of the step had a row")] double Loss,
    double LearningRate,
    [property: WhenMissing("gradients are not clipped, so that their norm is not taken")] double GradientNorm,
    long Tokens,
    double TokensPerSecond
);
