namespace Palimpsest.Models;

/// <summary>A change of one slice of a projection: a low-rank update, a routed side memory, a replaced
/// weight.</summary>
public interface IProjectionDelta
{
    /// <summary>What errors call it, for example the adapter's name.</summary>
    string Name { get; }

    /// <summary>False leaves the slice as it is, bit for bit.</summary>
    bool Active { get; }

    /// <summary>The changed output of the slice.</summary>
    /// <param name="x">The projection's input [..., In] float32.</param>
    /// <param name="output">The slice's output so far, bias included [..., Rows] float32; it must not be written
    /// into.</param>
    /// <param name="context">Which tokens these are, and where the pass stands.</param>
    /// <returns>A tensor of the shape of <paramref name="output"/>.</returns>
    Tensor Apply(Tensor x, Tensor output, in DeltaContext context);

    /// <summary>
    /// The weight [Rows, In] that a plain layer would need; <paramref name="weight"/> is left as it is. Null where no
    /// weight can say it, because the change is routed or gated: saving, merging and copying then refuse by
    /// <see cref="Name"/>.
    /// </summary>
    /// <param name="weight">The slice's weight so far [Rows, In] float32.</param>
    Tensor? TryMerge(Tensor weight);
}
