using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>
/// Cuts the output of a query-key-value projection into heads, rotates queries and keys, and repeats keys and values
/// for the queries that share them: [B, T, (H + 2·Hkv)·Dh] → three times [B, heads, T, Dh], in one pass.
/// </summary>
/// <param name="Batch">B.</param>
/// <param name="Tokens">T.</param>
/// <param name="Heads">H.</param>
/// <param name="KeyValueHeads">Hkv.</param>
/// <param name="Size">Dh.</param>
/// <param name="Repeats">How often each key and value head is written.</param>
internal sealed unsafe record HeadSplitKernel(
    int Batch,
    int Tokens,
    int Heads,
    int KeyValueHeads,
    int Size,
    int Repeats
)
{
    private long Rows => (long)Batch * Tokens;

    private int Width => (Heads + 2 * KeyValueHeads) * Size;

    /// <summary>Queries [B, H, T, Dh], keys and values [B, Hkv·Repeats, T, Dh].</summary>
    public (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor projected, RotaryTables rotary)
    {
        var queries = empty([Batch, Heads, Tokens, Size], dtype: ScalarType.Float32);
        var keys = empty([Batch, KeyValueHeads * Repeats, Tokens, Size], dtype: ScalarType.Float32);
        var values = empty([Batch, KeyValueHeads * Repeats, Tokens, Size], dtype: ScalarType.Float32);
        Walk(Lines.Of(projected, queries, keys, values, rotary), backward: false);
        return (queries, keys, values);
    }

    /// <summary>The gradient of the projection's output.</summary>
    public Tensor Backward(Tensor queries, Tensor keys, Tensor values, RotaryTables rotary)
    {
        var projected = empty([Batch, Tokens, Width], dtype: ScalarType.Float32);
        Walk(Lines.Of(projected, queries, keys, values, rotary), backward: true);
        return projected;
    }

    private void Walk(Lines lines, bool backward)
    {
        var parts = TensorMemory.Parts(Rows, Width);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, Rows);
                for (var row = first; row < end; row++)
                    Token(lines, row, backward);
            }
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Token(in Lines lines, long row, bool backward)
    {
        var (batch, token) = (row / Tokens, row % Tokens);
        var x = lines.Projected + row * Width;
        var angles = (lines.AnglesByRow ? row : token) * lines.Rotated;
        for (var head = 0; head < Heads + 2 * KeyValueHeads; head++, x += Size)
        {
            var isQuery = head < Heads;
            var isValue = head >= Heads + KeyValueHeads;
            var copies = isQuery ? 1 : Repeats;
            var heads = isQuery ? Heads : KeyValueHeads * Repeats;
            var own = isQuery ? head : (head - Heads) % KeyValueHeads * Repeats;
            var target = isValue ? lines.Values : lines.Keys;
            if (isQuery)
                target = lines.Queries;
            var y = target + ((batch * heads + own) * Tokens + token) * Size;
            var stride = (long)Tokens * Size;
            var rotated = isValue ? 0 : lines.Rotated;
            if (backward)
                Gather(x, y, stride, copies, lines.Cos + angles, lines.Sin + angles, rotated);
            else
                Scatter(x, y, stride, copies, lines.Cos + angles, lines.Sin + angles, rotated);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(float* x, float* y, long stride, int copies, float* cos, float* sin, int rotated)
    {
        var half = rotated / 2;
        var i = 0;
        for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (low, high) = (Vector.Load(x + i), Vector.Load(x + half + i));
            (low * Vector.Load(cos + i) + high * Vector.Load(sin + i)).Store(y + i);
            (high * Vector.Load(cos + half + i) + low * Vector.Load(sin + half + i)).Store(y + half + i);
        }

        for (; i < half; i++)
        {
            y[i] = x[i] * cos[i] + x[half + i] * sin[i];
            y[half + i] = x[half + i] * cos[half + i] + x[i] * sin[half + i];
        }

        new ReadOnlySpan<float>(x + rotated, Size - rotated).CopyTo(new(y + rotated, Size - rotated));
        for (var copy = 1; copy < copies; copy++)
            new ReadOnlySpan<float>(y, Size).CopyTo(new(y + copy * stride, Size));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(float* x, float* y, long stride, int copies, float* cos, float* sin, int rotated)
    {
        new ReadOnlySpan<float>(y, Size).CopyTo(new(x, Size));
        for (var copy = 1; copy < copies; copy++)
            Add(x, y + copy * stride);
        var half = rotated / 2;
        var i = 0;
        for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (low, high) = (Vector.Load(x + i), Vector.Load(x + half + i));
            (low * Vector.Load(cos + i) + high * Vector.Load(sin + half + i)).Store(x + i);
            (high * Vector.Load(cos + half + i) + low * Vector.Load(sin + i)).Store(x + half + i);
        }

        for (; i < half; i++)
        {
            var (low, high) = (x[i], x[half + i]);
            x[i] = low * cos[i] + high * sin[half + i];
            x[half + i] = high * cos[half + i] + low * sin[i];
        }
    }

    private void Add(float* x, float* y)
    {
        var i = 0;
        for (; i <= Size - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Load(x + i) + Vector.Load(y + i)).Store(x + i);
        for (; i < Size; i++)
            x[i] += y[i];
    }

    private readonly struct Lines
    {
        public required float* Projected { get; init; }

        public required float* Queries { get; init; }

        public required float* Keys { get; init; }

        public required float* Values { get; init; }

        public required float* Cos { get; init; }

        public required float* Sin { get; init; }

        public required int Rotated { get; init; }

        public required bool AnglesByRow { get; init; }

        public static Lines Of(Tensor projected, Tensor queries, Tensor keys, Tensor values, RotaryTables rotary) =>
            new()
            {
                Projected = TensorMemory.Floats(projected),
                Queries = TensorMemory.Floats(queries),
                Keys = TensorMemory.Floats(keys),
                Values = TensorMemory.Floats(values),
                Cos = TensorMemory.Floats(rotary.Cos),
                Sin = TensorMemory.Floats(rotary.Sin),
                Rotated = rotary.Size,
                AnglesByRow = rotary.ByRow,
            };
    }
}
