using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>y = x Wᵀ + b for a handful of rows, at the speed at which the weights can be read.</summary>
/// <remarks>
/// Matrix libraries copy the weights into another layout first, which pays only for many rows; one decoded token then costs
/// several times what reading the weights costs. Every output is summed in one order, whatever the number of rows: a row's
/// result does not depend on those beside it.
/// </remarks>
internal static unsafe class ThinLinearKernel
{
    /// <summary>Most rows that are handled here; matrix libraries are faster from there on.</summary>
    public const long MostRows = 16;

    private const int Outputs = 4;
    private const int PartNumbers = 1 << 17;
    private const int MostParts = 32;

    /// <summary>Contiguous x [..., In], W [Out, In], b [Out] or null → [..., Out].</summary>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor? bias, long rows, long inputs, long outputs)
    {
        var shape = input.shape;
        shape[^1] = outputs;
        var output = empty(shape, dtype: ScalarType.Float32);
        var (x, w, y) = ((nint)TensorMemory.Floats(input), (nint)TensorMemory.Floats(weight), (nint)TensorMemory.Floats(output));
        var b = bias is null ? 0 : (nint)TensorMemory.Floats(bias);
        var parts = (int)Math.Clamp(outputs * inputs / PartNumbers, 1, MostParts);
        TorchThreads.Run(parts, part =>
        {
            var (first, end) = TensorMemory.Rows(part, parts, outputs);
            for (var o = first; o < end; o += Outputs)
                Block((float*)x, (float*)w, (float*)b, (float*)y, o, (int)Math.Min(Outputs, end - o), (int)rows, (int)inputs, outputs);
        });
        return output;
    }

    private static void Block(float* x, float* w, float* b, float* y, long o, int count, int rows, int inputs, long outputs)
    {
        if (count < Outputs)
        {
            for (var single = 0; single < count; single++)
            {
                for (var row = 0; row < rows; row++)
                    y[row * outputs + o + single] = Dot(x + (long)row * inputs, w + (o + single) * inputs, inputs) + (b is null ? 0 : b[o + single]);
            }

            return;
        }

        var r = 0;
        for (; r + 1 < rows; r += 2)
            Two(x + (long)r * inputs, w + o * inputs, b is null ? null : b + o, y + r * outputs + o, inputs, outputs);
        if (r < rows)
            One(x + (long)r * inputs, w + o * inputs, b is null ? null : b + o, y + r * outputs + o, inputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* x, float* w, float* b, float* y, int inputs)
    {
        float* w1 = w + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
        var (s0, s1, s2, s3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.Load(x + i);
            s0 = Vector.FusedMultiplyAdd(value, Vector.Load(w + i), s0);
            s1 = Vector.FusedMultiplyAdd(value, Vector.Load(w1 + i), s1);
            s2 = Vector.FusedMultiplyAdd(value, Vector.Load(w2 + i), s2);
            s3 = Vector.FusedMultiplyAdd(value, Vector.Load(w3 + i), s3);
        }

        y[0] = Tail(s0, x, w, i, inputs) + (b is null ? 0 : b[0]);
        y[1] = Tail(s1, x, w1, i, inputs) + (b is null ? 0 : b[1]);
        y[2] = Tail(s2, x, w2, i, inputs) + (b is null ? 0 : b[2]);
        y[3] = Tail(s3, x, w3, i, inputs) + (b is null ? 0 : b[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* x, float* w, float* b, float* y, int inputs, long outputs)
    {
        float* x1 = x + inputs, w1 = w + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
        var (s0, s1, s2, s3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var (t0, t1, t2, t3) = (s0, s0, s0, s0);
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (value, other) = (Vector.Load(x + i), Vector.Load(x1 + i));
            var (a0, a1, a2, a3) = (Vector.Load(w + i), Vector.Load(w1 + i), Vector.Load(w2 + i), Vector.Load(w3 + i));
            s0 = Vector.FusedMultiplyAdd(value, a0, s0);
            s1 = Vector.FusedMultiplyAdd(value, a1, s1);
            s2 = Vector.FusedMultiplyAdd(value, a2, s2);
            s3 = Vector.FusedMultiplyAdd(value, a3, s3);
            t0 = Vector.FusedMultiplyAdd(other, a0, t0);
            t1 = Vector.FusedMultiplyAdd(other, a1, t1);
            t2 = Vector.FusedMultiplyAdd(other, a2, t2);
            t3 = Vector.FusedMultiplyAdd(other, a3, t3);
        }

        var (b0, b1, b2, b3) = b is null ? (0, 0, 0, 0) : (b[0], b[1], b[2], b[3]);
        y[0] = Tail(s0, x, w, i, inputs) + b0;
        y[1] = Tail(s1, x, w1, i, inputs) + b1;
        y[2] = Tail(s2, x, w2, i, inputs) + b2;
        y[3] = Tail(s3, x, w3, i, inputs) + b3;
        y += outputs;
        y[0] = Tail(t0, x1, w, i, inputs) + b0;
        y[1] = Tail(t1, x1, w1, i, inputs) + b1;
        y[2] = Tail(t2, x1, w2, i, inputs) + b2;
        y[3] = Tail(t3, x1, w3, i, inputs) + b3;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, float* w, int inputs)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
            sums = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(w + i), sums);
        return Tail(sums, x, w, i, inputs);
    }

    private static float Tail(Vector<float> sums, float* x, float* w, int i, int inputs)
    {
        var sum = Vector.Sum(sums);
        for (; i < inputs; i++)
            sum = MathF.FusedMultiplyAdd(x[i], w[i], sum);
        return sum;
    }
}
