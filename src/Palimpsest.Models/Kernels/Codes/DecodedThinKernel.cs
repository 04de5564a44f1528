using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>y = x Wᵀ + b for a handful of rows: each row of W is decoded where it is used, so that W never exists as
/// float32.</summary>
internal static unsafe class DecodedThinKernel
{
    /// <summary>Most rows that are handled here; decoding all of W for a matrix product is faster from there
    /// on.</summary>
    public const long MostRows = 16;

    private const int PartNumbers = 1 << 15;
    private const int LeastShared = 1 << 16;
    private const int MostParts = 32;

    /// <summary>Contiguous x [..., In], b [Out] or null → [..., Out].</summary>
    public static Tensor Forward(Tensor input, CodedProjection weight, long rows)
    {
        var (outputs, inputs, shape) = (weight.OutFeatures, (int)weight.InFeatures, input.shape);
        var biases = weight.Bias;
        shape[^1] = outputs;
        var output = empty(shape, dtype: ScalarType.Float32);
        var (x, y, b) = (
            (nint)TensorMemory.Floats(input),
            (nint)TensorMemory.Floats(output),
            biases is null ? 0 : (nint)TensorMemory.Floats(biases)
        );
        var numbers = outputs * inputs;
        var parts = numbers < LeastShared ? 1 : (int)Math.Min(numbers / PartNumbers, MostParts);
        TorchThreads.Run(
            parts,
            part =>
            {
                var values = ArrayPool<float>.Shared.Rent(inputs);
                var (first, end) = TensorMemory.Rows(part, parts, outputs);
                fixed (float* w = values)
                {
                    for (var o = first; o < end; o++)
                    {
                        weight.DecodeRow(o, values.AsSpan(0, inputs));
                        var bias = b == 0 ? 0 : ((float*)b)[o];
                        long row = 0;
                        for (; row + 3 < rows; row += 4)
                            Four((float*)x + row * inputs, w, inputs, bias, (float*)y + row * outputs + o, outputs);
                        for (; row < rows; row++)
                            One((float*)x + row * inputs, w, inputs, bias, (float*)y + row * outputs + o);
                    }
                }

                ArrayPool<float>.Shared.Return(values);
            }
        );
        return output;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* x, float* w, int count, float bias, float* y)
    {
        var (even, odd) = (Vector<float>.Zero, Vector<float>.Zero);
        var size = Vector<float>.Count;
        var i = 0;
        for (; i <= count - 2 * size; i += 2 * size)
        {
            even = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(w + i), even);
            odd = Vector.FusedMultiplyAdd(Vector.Load(x + i + size), Vector.Load(w + i + size), odd);
        }

        *y = Sum(even + odd, x, w, i, count) + bias;
    }

    // Each row is summed in the order of One: its result does not depend on those beside it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* x, float* w, int count, float bias, float* y, long outputs)
    {
        float* x1 = x + count,
            x2 = x1 + count,
            x3 = x2 + count;
        var zero = Vector<float>.Zero;
        var (s, t, u, v) = (zero, zero, zero, zero);
        var (s1, t1, u1, v1) = (zero, zero, zero, zero);
        var size = Vector<float>.Count;
        var i = 0;
        for (; i <= count - 2 * size; i += 2 * size)
        {
            var (even, odd) = (Vector.Load(w + i), Vector.Load(w + i + size));
            s = Vector.FusedMultiplyAdd(Vector.Load(x + i), even, s);
            s1 = Vector.FusedMultiplyAdd(Vector.Load(x + i + size), odd, s1);
            t = Vector.FusedMultiplyAdd(Vector.Load(x1 + i), even, t);
            t1 = Vector.FusedMultiplyAdd(Vector.Load(x1 + i + size), odd, t1);
            u = Vector.FusedMultiplyAdd(Vector.Load(x2 + i), even, u);
            u1 = Vector.FusedMultiplyAdd(Vector.Load(x2 + i + size), odd, u1);
            v = Vector.FusedMultiplyAdd(Vector.Load(x3 + i), even, v);
            v1 = Vector.FusedMultiplyAdd(Vector.Load(x3 + i + size), odd, v1);
        }

        y[0] = Sum(s + s1, x, w, i, count) + bias;
        y[outputs] = Sum(t + t1, x1, w, i, count) + bias;
        y[2 * outputs] = Sum(u + u1, x2, w, i, count) + bias;
        y[3 * outputs] = Sum(v + v1, x3, w, i, count) + bias;
    }

    private static float Sum(Vector<float> sums, float* x, float* w, int i, int count)
    {
        var sum = Vector.Sum(sums);
        for (; i < count; i++)
            sum = MathF.FusedMultiplyAdd(x[i], w[i], sum);
        return sum;
    }
}
