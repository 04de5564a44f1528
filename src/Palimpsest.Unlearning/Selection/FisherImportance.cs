namespace Palimpsest.Unlearning;

/// <summary>How much each weight matters to rows: sums of squared gradients of micro-batches' mean losses, each times
/// its labelled tokens.</summary>
/// <remarks>Gradients are of batches, not of rows: the numbers depend on the batch size.</remarks>
internal sealed class FisherImportance : IDisposable
{
    private readonly Dictionary<string, Tensor> _sums = [];
    private double _tokens;

    /// <summary>Mean squared gradient of a weight [Out, In] float32 on the CPU; the caller disposes it.</summary>
    /// <param name="name">The weight's name.</param>
    public Tensor Mean(string name) => _sums[name] / _tokens;

    /// <summary>Whether a weight had a gradient at all.</summary>
    /// <param name="name">The weight's name.</param>
    public bool Has(string name) => _sums.ContainsKey(name);

    /// <summary>The sums so far [Out, In] float32.</summary>
    /// <param name="name">The weight's name.</param>
    public Tensor Sum(string name) => _sums[name];

    /// <summary>Labelled tokens so far.</summary>
    public double Tokens => _tokens;

    /// <summary>Adds a micro-batch.</summary>
    /// <param name="model">A model of which the weights alone have <c>requires_grad</c>; its gradients are
    /// dropped.</param>
    /// <param name="batch">Rows with labels.</param>
    /// <param name="weights">The weights.</param>
    public void Add(CausalLM model, TokenBatch batch, IReadOnlyList<ParameterRef> weights) =>
        _tokens += GradientPass.Run(
            model,
            batch,
            weights,
            (weight, gradient, tokens) =>
            {
                var square = (gradient * gradient * tokens).cpu();
                if (_sums.TryGetValue(weight.Name, out var sum))
                    sum.add_(square);
                else
                    _sums[weight.Name] = square.DetachFromDisposeScope();
            }
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sum in _sums.Values)
            sum.Dispose();
    }
}
