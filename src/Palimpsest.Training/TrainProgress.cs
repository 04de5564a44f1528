namespace Palimpsest.Training;

/// <summary>What one optimiser step did; a line of metrics.jsonl.</summary>
/// <param name="Step">Steps finished.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Loss">Mean loss over the step's micro-batches.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="GradientNorm">Norm before clipping; NaN when clipping is off.</param>
/// <param name="Tokens">Real tokens seen so far.</param>
/// <param name="TokensPerSecond">Real tokens per second in this step.</param>
public readonly record struct TrainProgress(
    int Step,
    int TotalSteps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    long Tokens,
    double TokensPerSecond
);
