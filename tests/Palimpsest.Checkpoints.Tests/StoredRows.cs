using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>Random rows of a type: every bit pattern of codes, and scales that are finite.</summary>
internal sealed unsafe class StoredRows : IDisposable
{
    private readonly byte* _bytes;

    public StoredRows(GgufType type, int rows, int width, int seed, int[]? order = null)
    {
        var layout = GgufLayout.Of(type);
        var blocks = rows * width / layout.Values;
        _bytes = (byte*)NativeMemory.Alloc((nuint)(blocks * layout.Bytes));
        var random = new Random(seed);
        random.NextBytes(new Span<byte>(_bytes, blocks * layout.Bytes));
        for (var block = 0; block < blocks; block++)
        {
            foreach (var place in ScalePlaces(type))
                BinaryPrimitives.WriteHalfLittleEndian(
                    new Span<byte>(_bytes + block * layout.Bytes + place, 2),
                    (Half)(random.NextDouble() - 0.5)
                );
        }

        Rows = new(type, (nint)_bytes, rows, width, order);
    }

    /// <summary>Types with products of integers.</summary>
    public static GgufType[] Types { get; } =
    [GgufType.Q8_0, GgufType.Q4_0, GgufType.Q4_1, GgufType.Q4_K, GgufType.Q5_K, GgufType.Q6_K];

    public GgufRows Rows { get; }

    /// <summary>[rows, width] float32.</summary>
    public Tensor Values()
    {
        var values = new float[Rows.Count * Rows.Width];
        for (var row = 0; row < Rows.Count; row++)
            Rows.Decode(row, values.AsSpan(row * Rows.Width, Rows.Width));
        return tensor(values, [Rows.Count, Rows.Width]);
    }

    /// <summary>Products of integers [N, rows] of activations [N, width].</summary>
    public Tensor Multiply(Tensor input, CodePath? path = null, long first = 0, long? end = null)
    {
        var output = zeros([input.shape[0], Rows.Count]);
        var x = RoundedRows.Of(TensorMemory.Floats(input), (int)input.shape[0], Rows.Width);
        Rows.Multiply(x, new((nint)TensorMemory.Floats(output), Rows.Count, 0), first, end ?? Rows.Count, path);
        return output;
    }

    public void SetScale(int place, Half value) =>
        BinaryPrimitives.WriteHalfLittleEndian(new Span<byte>(_bytes + place, 2), value);

    public static int[] ScalePlaces(GgufType type) =>
        type switch
        {
            GgufType.Q4_1 or GgufType.Q4_K or GgufType.Q5_K => [0, 2],
            GgufType.Q6_K => [208],
            _ => [0],
        };

    public void Dispose() => NativeMemory.Free(_bytes);
}
