using TorchSharp;
using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), fused on the CPU.</summary>
/// <remarks>
/// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; θ ← θ(1−ηλ) − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
/// A masked parameter takes the torch path, which needs a buffer; the others stay on the fast one.
/// </remarks>
internal sealed class AdamW : IOptimizer
{
    private readonly OptimizerOptions _options;
    private readonly Slot[] _slots;

    public AdamW(OptimizerOptions options, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        _options = options;
        using var grad = no_grad();
        _slots =
        [
            .. parameters.Select(p => new Slot(
                p.Name,
                p.Value,
                zeros_like(p.Value).DetachFromDisposeScope(),
                zeros_like(p.Value).DetachFromDisposeScope()
            )),
        ];
    }

    public IReadOnlyList<Action<Tensor>?>? UpdateMasks { get; set; }

    public void Step(double learningRate, double gradientScale)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var fused = new List<FusedAdamW.Span>(_slots.Length);
        for (var i = 0; i < _slots.Length; i++)
        {
            var (slot, mask) = (_slots[i], UpdateMasks?[i]);
            if (slot.Parameter.grad is not { } gradient)
                continue;
            slot.Steps++;
            var (first, second) = (1 - Math.Pow(_options.Beta1, slot.Steps), 1 - Math.Pow(_options.Beta2, slot.Steps));
            var update = new FusedAdamW.Coefficients(
                (float)(1 - learningRate * _options.WeightDecay),
                (float)(learningRate / first),
                (float)(1 / Math.Sqrt(second)),
                (float)_options.Beta1,
                (float)_options.Beta2,
                (float)_options.Epsilon,
                (float)gradientScale
            );
            if (mask is null && FusedAdamW.Supports(slot.Parameter, gradient))
                fused.Add(FusedAdamW.Span.Over(slot.Parameter, gradient, slot.First, slot.Second, update));
            else
                StepByTorch(slot, gradient, update, mask);
        }
        FusedAdamW.Run(fused);
    }

    public void ZeroGradients()
    {
        foreach (var slot in _slots)
            slot.Parameter.grad = null;
    }

    public IEnumerable<(string Name, Tensor Value)> State() =>
        _slots.SelectMany(slot =>
            new[]
            {
                ($"{slot.Name}.first", slot.First),
                ($"{slot.Name}.second", slot.Second),
                ($"{slot.Name}.steps", tensor(slot.Steps)),
            }
        );

    public void LoadState(Func<string, Tensor> read)
    {
        using var scope = NewDisposeScope();
        foreach (var slot in _slots)
        {
            slot.First.copy_(read($"{slot.Name}.first"));
            slot.Second.copy_(read($"{slot.Name}.second"));
            slot.Steps = read($"{slot.Name}.steps").item<long>();
        }
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
        }
    }

    private static void StepByTorch(Slot slot, Tensor gradient, FusedAdamW.Coefficients c, Action<Tensor>? mask)
    {
        using var scope = NewDisposeScope();
        var scaled = gradient * c.GradientScale;
        slot.First.mul_(c.Beta1).add_(scaled, alpha: 1 - c.Beta1);
        slot.Second.mul_(c.Beta2).addcmul_(scaled, scaled, value: 1 - c.Beta2);
        var divisor = slot.Second.sqrt().mul_(c.SecondScale).add_(c.Epsilon);
        var update = slot.First.div(divisor).mul_(-c.Rate);
        if (c.Keep != 1)
            update.add_(slot.Parameter, alpha: c.Keep - 1);
        mask?.Invoke(update);
        slot.Parameter.add_(update);
    }

    private sealed class Slot(string name, Parameter parameter, Tensor first, Tensor second)
    {
        public string Name => name;

        public Parameter Parameter => parameter;

        public Tensor First => first;

        public Tensor Second => second;

        public long Steps { get; set; }
    }
}
