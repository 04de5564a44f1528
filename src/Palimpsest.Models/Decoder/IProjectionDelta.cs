namespace Palimpsest.Models;

/// <summary>A change of one slice of a projection: a low-rank update, a routed side memory, a replaced
/// weight.</summary>
public interface IProjectionDelta
{
    /// <summary>False leaves the slice as it is, bit for bit.</summary>
    bool Active { get; }

    /// <summary>The changed output of the slice.</summary>
    /// <param name="x">The projection's input [..., In] float32.</param>
    /// <param name="output">The slice's output so far, bias included [..., Rows] float32.</param>
    /// <returns>A tensor of the shape of <paramref name="output"/>.</returns>
    Tensor Apply(Tensor x, Tensor output);

    /// <summary>The weight [Rows, In] that a plain layer would need; <paramref name="weight"/> is left as it
    /// is.</summary>
    /// <param name="weight">The slice's weight so far [Rows, In] float32.</param>
    Tensor Merge(Tensor weight);
}
