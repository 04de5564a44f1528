namespace Palimpsest.Checkpoints;

/// <summary>The weights of a model where they are stored, by the names that the decoder gives them.</summary>
internal interface IStoredWeights : IDisposable
{
    /// <summary>True when there is a weight of that name.</summary>
    bool Contains(string name);

    /// <summary>Type and checkpoint shape of a weight.</summary>
    TensorSpec Spec(string name);

    /// <summary>The file that holds a weight.</summary>
    string PathOf(string name);

    /// <summary>A weight in checkpoint shape, in its stored type or, when that is a code, as float32; the caller
    /// disposes it.</summary>
    /// <exception cref="InputException">It is cut short.</exception>
    Tensor Read(string name);
}
