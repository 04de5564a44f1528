namespace Palimpsest.Training;

/// <summary>Writes one step into the parameters that it was made for.</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>By parameter, in the order given: changes the update that is about to be added to it in place. Null,
    /// whole or for a parameter, changes nothing and costs nothing.</summary>
    IReadOnlyList<Action<Tensor>?>? UpdateMasks { get; set; }

    /// <summary>Takes a step along the gradients, each multiplied by <paramref name="gradientScale"/>.</summary>
    void Step(double learningRate, double gradientScale);

    /// <summary>Forgets the gradients, so that the next backward pass starts anew.</summary>
    void ZeroGradients();

    /// <summary>What a resumed run needs: each tensor is the state itself, not a copy.</summary>
    IEnumerable<(string Name, Tensor Value)> State();

    /// <summary>Sets the state to what <see cref="State"/> once gave.</summary>
    void LoadState(Func<string, Tensor> read);
}
