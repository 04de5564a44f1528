using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>Stochastic gradient descent with momentum and decoupled weight decay.</summary>
/// <remarks>b ← μb + g; θ ← θ(1−ηλ) − ηb.</remarks>
internal sealed class StochasticGradientDescent : IOptimizer
{
    private readonly OptimizerOptions _options;
    private readonly (string Name, Parameter Value, Tensor? Momentum)[] _slots;

    public StochasticGradientDescent(OptimizerOptions options, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        _options = options;
        using var grad = no_grad();
        _slots =
        [
            .. parameters.Select(p =>
                (p.Name, p.Value, options.Momentum == 0 ? null : zeros_like(p.Value).DetachFromDisposeScope())
            ),
        ];
    }

    public IReadOnlyList<Action<Tensor>?>? UpdateMasks { get; set; }

    public void Step(double learningRate, double gradientScale)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        for (var i = 0; i < _slots.Length; i++)
        {
            var (_, parameter, momentum) = _slots[i];
            if (parameter.grad is not { } gradient)
                continue;
            using var inner = NewDisposeScope();
            var direction = gradient * gradientScale;
            if (momentum is not null)
                direction = momentum.mul_(_options.Momentum).add_(direction);
            var update = direction * -learningRate;
            if (_options.WeightDecay > 0)
                update.add_(parameter, alpha: -learningRate * _options.WeightDecay);
            UpdateMasks?[i]?.Invoke(update);
            parameter.add_(update);
        }
    }

    public void ZeroGradients()
    {
        foreach (var slot in _slots)
            slot.Value.grad = null;
    }

    public IEnumerable<(string Name, Tensor Value)> State() =>
        _slots.Where(slot => slot.Momentum is not null).Select(slot => ($"{slot.Name}.momentum", slot.Momentum!));

    public void LoadState(Func<string, Tensor> read)
    {
        using var scope = NewDisposeScope();
        foreach (var slot in _slots)
            slot.Momentum?.copy_(read($"{slot.Name}.momentum"));
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Momentum?.Dispose();
    }
}
