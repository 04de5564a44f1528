using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>y = W x of rounded activations with codes as they are stored: Σ_b (s_b d_b Σ c q + m_b d_b Σ q).</summary>
/// <remarks>
/// Within a block sums are integers, hence exact. Blocks are summed in one order in float32, even and odd ones apart,
/// each in eight lanes, whatever instructions the processor has: all give the same bits, and an output depends neither
/// on the rows beside it nor on the number of threads.
/// </remarks>
internal static unsafe class CodeKernel
{
    private static readonly CodePath Best = Array.Find([CodePath.Vnni, CodePath.Avx2, CodePath.Neon], IsSupported);

    /// <summary>Whether this processor has a path's instructions.</summary>
    public static bool IsSupported(CodePath path) =>
        path switch
        {
            CodePath.Vnni => VnniProducts.IsSupported,
            CodePath.Avx2 => Avx2Products.IsSupported,
            CodePath.Neon => NeonProducts.IsSupported,
            _ => true,
        };

    /// <summary>Outputs of some rows of W, for every row of x.</summary>
    /// <param name="weight">W.</param>
    /// <param name="x">Rounded activations.</param>
    /// <param name="target">Where outputs go.</param>
    /// <param name="span">Which outputs.</param>
    /// <param name="path">Null for the best that the processor has.</param>
    public static void Multiply<TRows>(
        TRows weight,
        RoundedRows x,
        in CodeTarget target,
        in CodeSpan span,
        CodePath? path = null
    )
        where TRows : struct, ICodeRows
    {
        switch (path ?? Best)
        {
            case CodePath.Vnni:
                Rows<TRows, VnniProducts>(weight, x, target, span);
                break;
            case CodePath.Avx2:
                Rows<TRows, Avx2Products>(weight, x, target, span);
                break;
            case CodePath.Neon:
                Rows<TRows, NeonProducts>(weight, x, target, span);
                break;
            default:
                Rows<TRows, PortableProducts>(weight, x, target, span);
                break;
        }
    }

    private static void Rows<TRows, TProducts>(TRows weight, RoundedRows x, in CodeTarget target, in CodeSpan span)
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts
    {
        for (var o = span.First; o < span.End; o++)
        {
            weight.Seek(span.Order is null ? o : span.Order[o]);
            for (var row = 0; row < x.Rows; row++)
                target.Store(row, o, Dot<TRows, TProducts>(ref weight, x, row));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot<TRows, TProducts>(ref TRows weight, RoundedRows x, int row)
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts
    {
        var values = x.Codes(row);
        var negated = x.NegatedSums(row);
        var scales = x.Scales(row);
        var totals = x.Totals(row);
        var (even, odd, minimum) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var factors = stackalloc float[2 * ICodeRows.ChunkBlocks];
        var blocks = x.Blocks;
        for (var start = 0; start < blocks; start += ICodeRows.ChunkBlocks)
        {
            var count = Math.Min(ICodeRows.ChunkBlocks, blocks - start);
            weight.Scales(start / ICodeRows.ChunkBlocks, count, out var own, out var seconds, out var minima);
            var outer = Vector256.Load(scales + start);
            (own * outer).Store(factors);
            if (TRows.HasHalves)
                (seconds * outer).Store(factors + ICodeRows.ChunkBlocks);
            if (TRows.HasMinima)
                minimum = Vector256.FusedMultiplyAdd(minima, Vector256.Load(totals + start), minimum);
            var b = 0;
            for (; b + 1 < count; b += 2)
            {
                even = Add<TRows, TProducts>(ref weight, start + b, factors + b, values, negated, even);
                odd = Add<TRows, TProducts>(ref weight, start + b + 1, factors + b + 1, values, negated, odd);
            }

            if (b < count)
                even = Add<TRows, TProducts>(ref weight, start + b, factors + b, values, negated, even);
        }

        return Sum(even + odd + minimum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add<TRows, TProducts>(
        ref TRows weight,
        int block,
        float* factor,
        sbyte* values,
        int* negated,
        Vector256<float> sums
    )
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts
    {
        var products = weight.Products<TProducts>(block, values + 32L * block, negated + 8L * block);
        var factors = TRows.HasHalves
            ? Vector256.Create(Vector128.Create(*factor), Vector128.Create(factor[ICodeRows.ChunkBlocks]))
            : Vector256.Create(*factor);
        return Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), factors, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
