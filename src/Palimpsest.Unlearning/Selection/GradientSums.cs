namespace Palimpsest.Unlearning;

/// <summary>Gradients of micro-batches' mean losses, added up weight by weight.</summary>
internal sealed class GradientSums : IDisposable
{
    private readonly Dictionary<string, Tensor> _sums = new(StringComparer.Ordinal);

    /// <summary>Micro-batches so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Adds a micro-batch.</summary>
    /// <param name="model">A model of which the weights alone have <c>requires_grad</c>.</param>
    /// <param name="batch">Rows with labels.</param>
    /// <param name="weights">The weights.</param>
    public void Add(CausalLM model, TokenBatch batch, IReadOnlyList<ParameterRef> weights)
    {
        GradientPass.Run(
            model,
            batch,
            weights,
            (weight, gradient, _) =>
            {
                if (_sums.TryGetValue(weight.Name, out var sum))
                    sum.add_(gradient);
                else
                    _sums[weight.Name] = gradient.clone().DetachFromDisposeScope();
            }
        );
        Batches++;
    }

    /// <summary>The sum of a weight's gradients [Out, In] float32; null where it never had one.</summary>
    public Tensor? Find(string name) => _sums.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sum in _sums.Values)
            sum.Dispose();
        _sums.Clear();
    }
}
