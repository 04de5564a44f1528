namespace Palimpsest.Reproductions;

/// <summary>Keeps the loss of every step and shows it as progress.</summary>
/// <param name="progress">Told after every step; may be null.</param>
/// <param name="stage">What is being trained.</param>
public sealed class LossCurve(IProgress<TaskProgress>? progress, string stage) : IProgress<TrainProgress>
{
    private readonly StepProgress? _shown = progress is null ? null : new(progress, stage);
    private readonly List<double> _values = [];

    /// <summary>The losses, in order.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <inheritdoc/>
    public void Report(TrainProgress value)
    {
        _values.Add(value.Loss);
        _shown?.Report(value);
    }
}
