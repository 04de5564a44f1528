using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Palimpsest.Inference;

/// <summary>One group of values to codes and back.</summary>
internal abstract class GroupCoder
{
    /// <summary>The coder of a format.</summary>
    public static GroupCoder Of(QuantizeOptions options) =>
        options.Format switch
        {
            QuantizedFormat.Nf4 => new TableCoder(CodeTable.Nf4),
            QuantizedFormat.Fp4 => new TableCoder(CodeTable.Fp4),
            _ when options.Symmetric => new SymmetricCoder(options.Bits),
            _ => new AsymmetricCoder(options.Bits),
        };

    /// <summary>Writes the codes of values; gives the scale and, where groups have one, the zero.</summary>
    public abstract (float Scale, byte Zero) Encode(ReadOnlySpan<float> values, Span<byte> codes);

    /// <summary>Writes the values of codes.</summary>
    public abstract void Decode(ReadOnlySpan<byte> codes, float scale, byte zero, Span<float> values);

    private static float MaxMagnitude(ReadOnlySpan<float> values) => Math.Abs(TensorPrimitives.MaxMagnitude(values));

    /// <summary>s · (q − z).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Steps(ReadOnlySpan<byte> codes, float scale, int zero, Span<float> values)
    {
        var (zeros, quarter, i) = (new Vector<int>(zero), Vector<float>.Count, 0);
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(codes[i..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            (scale * Vector.ConvertToSingle(Vector.AsVectorInt32(first) - zeros)).CopyTo(values[i..]);
            (scale * Vector.ConvertToSingle(Vector.AsVectorInt32(second) - zeros)).CopyTo(values[(i + quarter)..]);
            (scale * Vector.ConvertToSingle(Vector.AsVectorInt32(third) - zeros)).CopyTo(values[(i + 2 * quarter)..]);
            (scale * Vector.ConvertToSingle(Vector.AsVectorInt32(fourth) - zeros)).CopyTo(values[(i + 3 * quarter)..]);
        }

        for (; i < codes.Length; i++)
            values[i] = scale * (codes[i] - zero);
    }

    private sealed class SymmetricCoder(int bits) : GroupCoder
    {
        private readonly int _middle = 1 << (bits - 1);

        public override (float Scale, byte Zero) Encode(ReadOnlySpan<float> values, Span<byte> codes)
        {
            var most = _middle - 1;
            var largest = MaxMagnitude(values);
            var inverse = largest > 0 ? most / largest : 0;
            for (var i = 0; i < values.Length; i++)
                codes[i] = (byte)(_middle + (int)Math.Clamp(MathF.Round(values[i] * inverse), -most, most));
            return (largest / most, 0);
        }

        public override void Decode(ReadOnlySpan<byte> codes, float scale, byte zero, Span<float> values)
        {
            Steps(codes, scale, _middle, values);
        }
    }

    private sealed class AsymmetricCoder(int bits) : GroupCoder
    {
        private readonly int _most = (1 << bits) - 1;

        public override (float Scale, byte Zero) Encode(ReadOnlySpan<float> values, Span<byte> codes)
        {
            var (low, high) = (Math.Min(0, TensorPrimitives.Min(values)), Math.Max(0, TensorPrimitives.Max(values)));
            var scale = (high - low) / _most;
            var inverse = scale > 0 ? 1 / scale : 0;
            var zero = (int)Math.Clamp(MathF.Round(-low * inverse), 0, _most);
            for (var i = 0; i < values.Length; i++)
                codes[i] = (byte)Math.Clamp((int)MathF.Round(values[i] * inverse) + zero, 0, _most);
            return (scale, (byte)zero);
        }

        public override void Decode(ReadOnlySpan<byte> codes, float scale, byte zero, Span<float> values)
        {
            Steps(codes, scale, zero, values);
        }
    }

    private sealed class TableCoder(CodeTable table) : GroupCoder
    {
        public override (float Scale, byte Zero) Encode(ReadOnlySpan<float> values, Span<byte> codes)
        {
            var largest = MaxMagnitude(values);
            for (var i = 0; i < values.Length; i++)
                codes[i] = table.Nearest(largest > 0 ? values[i] / largest : 0);
            return (largest, 0);
        }

        public override void Decode(ReadOnlySpan<byte> codes, float scale, byte zero, Span<float> values)
        {
            table.Look(codes, scale, values);
        }
    }
}
