using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>Rows of activations rounded to 8 bits per block of 32: x ≈ d · q, d = max|x| / 127.</summary>
/// <remarks>A thread has one and uses it again, so that a step of decoding allocates nothing. A row's codes depend on
/// that row alone. Blocks that a row lacks to a whole chunk are 0.</remarks>
internal sealed unsafe class RoundedRows
{
    private const int Block = 32;
    private const int Sums = Block / 4;

    [ThreadStatic]
    private static RoundedRows? _own;

    private byte* _memory;
    private long _bytes;

    private RoundedRows() { }

    ~RoundedRows() => NativeMemory.AlignedFree(_memory);

    /// <summary>Blocks of a row, without those that fill the last chunk up.</summary>
    public int Blocks { get; private set; }

    /// <summary>Numbers of rows.</summary>
    public int Rows { get; private set; }

    private int Held => (Blocks + ICodeRows.ChunkBlocks - 1) / ICodeRows.ChunkBlocks * ICodeRows.ChunkBlocks;

    /// <summary>Rounds rows; valid until the thread rounds others.</summary>
    /// <param name="values">[rows, width], one after another.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">A multiple of 32.</param>
    public static RoundedRows Of(float* values, int rows, int width)
    {
        var rounded = _own ??= new();
        (rounded.Rows, rounded.Blocks) = (rows, width / Block);
        rounded.Reserve();
        for (var row = 0; row < rows; row++)
            rounded.Round(values + (long)row * width, row);
        return rounded;
    }

    /// <summary>A row's codes.</summary>
    public sbyte* Codes(int row) => (sbyte*)_memory + (long)row * Held * Block;

    /// <summary>A row's codes summed by fours, negated.</summary>
    public int* NegatedSums(int row) => (int*)(_memory + (long)Rows * Held * Block) + (long)row * Held * Sums;

    /// <summary>A row's scales, one per block.</summary>
    public float* Scales(int row) => (float*)(_memory + 2L * Rows * Held * Block) + (long)row * Held;

    /// <summary>The sum that each block of a row stands for: its scale times the sum of its codes.</summary>
    public float* Totals(int row) => Scales(Rows) + (long)row * Held;

    private void Reserve()
    {
        var needed = (long)Rows * Held * (2 * Block + 2 * sizeof(float));
        if (needed <= _bytes)
            return;
        _memory = (byte*)NativeMemory.AlignedRealloc(_memory, (nuint)needed, 64);
        _bytes = needed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Round(float* x, int row)
    {
        var codes = Codes(row);
        var sums = NegatedSums(row);
        var scales = Scales(row);
        var totals = Totals(row);
        for (var block = 0; block < Blocks; block++, x += Block, codes += Block, sums += Sums)
        {
            var (a, b) = (Vector256.Load(x), Vector256.Load(x + 8));
            var (c, d) = (Vector256.Load(x + 16), Vector256.Load(x + 24));
            var largest = Vector256.Max(
                Vector256.Max(Vector256.Abs(a), Vector256.Abs(b)),
                Vector256.Max(Vector256.Abs(c), Vector256.Abs(d))
            );
            var four = Vector128.Max(largest.GetLower(), largest.GetUpper());
            var most = MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
            scales[block] = most / 127;
            var inverse = most > 0 ? 127 / most : 0;
            var low = Vector256.Narrow(Near(a, inverse), Near(b, inverse));
            var high = Vector256.Narrow(Near(c, inverse), Near(d, inverse));
            var rounded = Vector256.Narrow(low, high);
            rounded.Store(codes);
            var fours = PortableProducts.DotSigned(rounded, Vector256<sbyte>.One, default);
            (-fours).Store(sums);
            totals[block] = scales[block] * Vector256.Sum(fours);
        }

        var missing = Held - Blocks;
        new Span<sbyte>(codes, missing * Block).Clear();
        new Span<int>(sums, missing * Sums).Clear();
        new Span<float>(scales + Blocks, missing).Clear();
        new Span<float>(totals + Blocks, missing).Clear();
    }

    private static Vector256<int> Near(Vector256<float> values, float inverse) =>
        Vector256.ConvertToInt32(Vector256.Round(values * inverse));
}
