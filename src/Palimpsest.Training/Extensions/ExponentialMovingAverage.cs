namespace Palimpsest.Training;

/// <summary>An exponential moving average of the weights in training: a ← d·a + (1 − d)·θ after every step.</summary>
/// <param name="decay">d, in [0, 1); 0 keeps the last weights.</param>
public sealed class ExponentialMovingAverage(double decay) : ITrainExtension, IDisposable
{
    private readonly double _decay = Require.InRange(decay, atLeast: 0, atMost: 0.9999999, name: nameof(decay));
    private readonly Dictionary<string, Tensor> _averages = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Fingerprint => FormattableString.Invariant($"average {_decay:r}");

    /// <inheritdoc/>
    public void OnTaskStart(ITrainable model, TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        Dispose();
        using var grad = no_grad();
        foreach (var (name, value) in model.TrainableParameters)
            _averages[name] = value.detach().clone().DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public bool AfterStep(ITrainable model, TrainProgress progress)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var grad = no_grad();
        foreach (var (name, value) in model.TrainableParameters)
            _averages[name].mul_(_decay).add_(value, alpha: 1 - _decay);
        return false;
    }

    /// <summary>Writes the averages into a model's weights of the same names.</summary>
    /// <exception cref="InvalidOperationException">There is no average of a weight: training has not
    /// started.</exception>
    public void CopyTo(ITrainable model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var grad = no_grad();
        foreach (var (name, value) in model.TrainableParameters)
        {
            if (!_averages.TryGetValue(name, out var average))
                throw new InvalidOperationException($"There is no average of '{name}'.");
            value.copy_(average);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> State() => _averages.Select(pair => (pair.Key, pair.Value));

    /// <inheritdoc/>
    public void LoadState(Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var grad = no_grad();
        foreach (var (name, average) in _averages)
            average.copy_(read(name));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var average in _averages.Values)
            average.Dispose();
        _averages.Clear();
    }
}
