using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>y = W x of rounded activations with codes as they are stored:
/// Σ_b (s_b d_b Σ c q + m_b d_b Σ q).</summary>
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
        // Rows of W that every row of x meets while they are in the first cache.
        const int tile = 32;
        for (var first = span.First; first < span.End; first += tile)
        {
            var part = span with { First = first, End = Math.Min(span.End, first + tile) };
            for (var row = 0; row < x.Rows; row++)
                Row<TRows, TProducts>(weight, x, row, target, part);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TRows, TProducts>(
        TRows weight,
        RoundedRows x,
        int row,
        in CodeTarget target,
        in CodeSpan span
    )
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts
    {
        var values = x.Codes(row);
        var negated = x.NegatedSums(row);
        var scales = x.Scales(row);
        var totals = x.Totals(row);
        var factors = stackalloc float[2 * ICodeRows.ChunkBlocks];
        var (blocks, order) = (x.Blocks, span.Order);
        for (var o = span.First; o < span.End; o++)
        {
            weight.Seek(order is null ? o : order[o]);
            var sum = Dot<TRows, TProducts>(weight, blocks, values, negated, scales, totals, factors);
            target.Store(row, o, sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<TRows, TProducts>(
        TRows weight,
        int blocks,
        sbyte* values,
        int* negated,
        float* scales,
        float* totals,
        float* factors
    )
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts
    {
        const int chunk = ICodeRows.ChunkBlocks;
        var (even, odd, minimum) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var start = 0;
        for (; start <= blocks - chunk; start += chunk)
        {
            weight.Move(start);
            weight.Scales(chunk, out var own, out var seconds, out var minima);
            Prepare<TRows>(own, seconds, Vector256.Load(scales + start), factors);
            if (TRows.HasMinima)
                minimum = Vector256.FusedMultiplyAdd(minima, Vector256.Load(totals + start), minimum);
            even = Add<TRows, TProducts>(weight, 0, factors, values, negated, even);
            odd = Add<TRows, TProducts>(weight, 1, factors, values, negated, odd);
            even = Add<TRows, TProducts>(weight, 2, factors, values, negated, even);
            odd = Add<TRows, TProducts>(weight, 3, factors, values, negated, odd);
            even = Add<TRows, TProducts>(weight, 4, factors, values, negated, even);
            odd = Add<TRows, TProducts>(weight, 5, factors, values, negated, odd);
            even = Add<TRows, TProducts>(weight, 6, factors, values, negated, even);
            odd = Add<TRows, TProducts>(weight, 7, factors, values, negated, odd);
            values += chunk * 32;
            negated += chunk * 8;
        }

        if (start < blocks)
        {
            // The last eight blocks are read, and those among them that are new are used.
            var (first, count) = (Math.Max(0, blocks - chunk), Math.Min(chunk, blocks));
            weight.Move(first);
            weight.Scales(count, out var own, out var seconds, out var minima);
            Prepare<TRows>(own, seconds, Vector256.Load(scales + first), factors);
            if (TRows.HasMinima)
            {
                var isNew = Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(start - first));
                var fresh = Vector256.Load(totals + first) & isNew.AsSingle();
                minimum = Vector256.FusedMultiplyAdd(minima, fresh, minimum);
            }

            for (var block = start - first; block < count; block++, values += 32, negated += 8)
            {
                var products = weight.Products<TProducts>(block, values, negated);
                even = Add<TRows>(products, factors + block, even);
            }
        }

        return Sum(even + odd + minimum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prepare<TRows>(
        Vector256<float> own,
        Vector256<float> seconds,
        Vector256<float> outer,
        float* factors
    )
        where TRows : struct, ICodeRows
    {
        (own * outer).Store(factors);
        if (TRows.HasHalves)
            (seconds * outer).Store(factors + ICodeRows.ChunkBlocks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add<TRows, TProducts>(
        TRows weight,
        int block,
        float* factors,
        sbyte* values,
        int* negated,
        Vector256<float> sums
    )
        where TRows : struct, ICodeRows
        where TProducts : struct, IIntegerProducts =>
        Add<TRows>(weight.Products<TProducts>(block, values + 32 * block, negated + 8 * block), factors + block, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add<TRows>(Vector256<int> products, float* factor, Vector256<float> sums)
        where TRows : struct, ICodeRows
    {
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
