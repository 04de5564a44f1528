using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>Products of 32 codes with 32 rounded activations, summed by fours: [32], [32] → [8] int32,
/// exact.</summary>
/// <remarks>Activations are within ±127. Every way gives the same integers, so that the choice of one changes no
/// bit.</remarks>
internal interface IIntegerProducts
{
    /// <summary>Whether this processor has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Codes of 0 to 127.</summary>
    static abstract Vector256<int> Dot(Vector256<byte> codes, Vector256<sbyte> values);

    /// <summary>Codes of −128 to 127.</summary>
    /// <param name="codes">[32].</param>
    /// <param name="values">[32].</param>
    /// <param name="negatedSums">The values summed by fours, negated [8].</param>
    static abstract Vector256<int> DotSigned(
        Vector256<sbyte> codes,
        Vector256<sbyte> values,
        Vector256<int> negatedSums
    );
}
