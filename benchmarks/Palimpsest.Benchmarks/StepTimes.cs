using Palimpsest.Training;

namespace Palimpsest.Benchmarks;

/// <summary>Collects the seconds of each optimiser step.</summary>
/// <param name="tokens">Tokens of a step.</param>
internal sealed class StepTimes(int tokens) : IProgress<TrainProgress>
{
    public List<double> Seconds { get; } = [];

    public void Report(TrainProgress value) => Seconds.Add(tokens / value.TokensPerSecond);
}
