using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palimpsest.Inference;

/// <summary>The 16 values of a 4-bit format and the code of the nearest.</summary>
internal sealed class CodeTable
{
    private readonly float[] _values;
    private readonly byte[] _sorted;
    private readonly float[] _bounds;

    private CodeTable(float[] values)
    {
        _values = values;
        _sorted = [.. Enumerable.Range(0, values.Length).OrderBy(code => values[code]).Select(code => (byte)code)];
        _bounds = [.. _sorted.Zip(_sorted.Skip(1), (low, high) => (values[low] + values[high]) / 2)];
        var whole = values.Select(value => (int)MathF.Round(value * Whole)).ToArray();
        High = Vector128.Create([.. whole.Select(value => (sbyte)(value >> 7))]);
        Low = Vector128.Create([.. whole.Select(value => (byte)(value & 127))]);
    }

    /// <summary>What stands for one in <see cref="High"/> and <see cref="Low"/>: 127 · 128.</summary>
    public const int Whole = 16256;

    /// <summary>The values as whole numbers of 1/16256: what is above the lowest seven bits.</summary>
    public Vector128<sbyte> High { get; }

    /// <summary>The lowest seven bits.</summary>
    public Vector128<byte> Low { get; }

    /// <summary>Quantiles of a normal distribution, scaled to [−1, 1], with an exact zero.</summary>
    public static CodeTable Nf4 { get; } =
        new([
            -1f,
            -0.6961928009986877f,
            -0.5250730514526367f,
            -0.39491748809814453f,
            -0.28444138169288635f,
            -0.18477343022823334f,
            -0.09105003625154495f,
            0f,
            0.07958029955625534f,
            0.16093020141124725f,
            0.24611230194568634f,
            0.33791524171829224f,
            0.44070982933044434f,
            0.5626170039176941f,
            0.7229568362236023f,
            1f,
        ]);

    /// <summary>Floats of 4 bits, scaled to [−1, 1]; code 8 is a negative zero.</summary>
    public static CodeTable Fp4 { get; } =
        new([
            0f,
            1 / 192f,
            2 / 3f,
            1f,
            1 / 3f,
            1 / 2f,
            1 / 6f,
            1 / 4f,
            -0f,
            -1 / 192f,
            -2 / 3f,
            -1f,
            -1 / 3f,
            -1 / 2f,
            -1 / 6f,
            -1 / 4f,
        ]);

    /// <summary>The value of a code.</summary>
    public float this[int code] => _values[code];

    /// <summary>The values of codes times a scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Look(ReadOnlySpan<byte> codes, float scale, Span<float> values)
    {
        var i = 0;
        if (Avx2.IsSupported)
        {
            var (low, high) = (Vector256.Create(_values.AsSpan(0, 8)), Vector256.Create(_values.AsSpan(8, 8)));
            for (; i <= codes.Length - 8; i += 8)
            {
                var places = Avx2.ConvertToVector256Int32(
                    Vector128.CreateScalarUnsafe(BinaryPrimitives.ReadUInt64LittleEndian(codes[i..])).AsByte()
                );
                // The bit that says which half of the table becomes the sign, which is what chooses.
                var found = Avx.BlendVariable(
                    Avx2.PermuteVar8x32(low, places),
                    Avx2.PermuteVar8x32(high, places),
                    Vector256.ShiftLeft(places, 28).AsSingle()
                );
                (found * scale).CopyTo(values[i..]);
            }
        }

        for (; i < codes.Length; i++)
            values[i] = _values[codes[i]] * scale;
    }

    /// <summary>The code nearest to a value in [−1, 1]; halfway, the lower one.</summary>
    public byte Nearest(float value)
    {
        // Sixteen entries have fifteen bounds: four questions find the first that is not below.
        var place = value > _bounds[7] ? 8 : 0;
        place += value > _bounds[place + 3] ? 4 : 0;
        place += value > _bounds[place + 1] ? 2 : 0;
        place += value > _bounds[place] ? 1 : 0;
        return _sorted[place];
    }
}
