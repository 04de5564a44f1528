using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Palimpsest.Models;

/// <summary>y = x Wᵀ + b for a handful of rows, at the speed at which the weights can be read.</summary>
/// <remarks>
/// Matrix libraries copy the weights into another layout first, which pays only for many rows; one decoded token then
/// costs several times what reading the weights costs. Every output is summed in one order, whatever the number of
/// rows: a row's result does not depend on those beside it.
/// </remarks>
internal static unsafe class ThinLinearKernel
{
    /// <summary>Most rows that are handled here; matrix libraries are faster from there on.</summary>
    public const long MostRows = 16;

    private const int Outputs = 4;
    private const int PartNumbers = 1 << 15;
    private const int LeastShared = 1 << 17;
    private const int MostParts = 32;

    // Four rows take 21 vectors at a time.
    private static readonly bool HasManyRegisters = Avx512F.VL.IsSupported || AdvSimd.IsSupported;

    /// <summary>Contiguous x [..., In], W [Out, In], b [Out] or null → [..., Out].</summary>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor? bias, long rows, long inputs, long outputs)
    {
        var shape = input.shape;
        shape[^1] = outputs;
        var output = empty(shape, dtype: ScalarType.Float32);
        var (x, w, y) = (
            (nint)TensorMemory.Floats(input),
            (nint)TensorMemory.Floats(weight),
            (nint)TensorMemory.Floats(output)
        );
        var b = bias is null ? 0 : (nint)TensorMemory.Floats(bias);
        var numbers = outputs * inputs;
        var parts = numbers < LeastShared ? 1 : (int)Math.Min(numbers / PartNumbers, MostParts);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, outputs);
                for (var o = first; o < end; o += Outputs)
                    Block(
                        (float*)x,
                        (float*)w,
                        (float*)b,
                        (float*)y,
                        o,
                        (int)Math.Min(Outputs, end - o),
                        (int)rows,
                        (int)inputs,
                        outputs
                    );
            }
        );
        return output;
    }

    private static void Block(
        float* x,
        float* w,
        float* b,
        float* y,
        long o,
        int count,
        int rows,
        int inputs,
        long outputs
    )
    {
        if (count < Outputs)
        {
            for (var single = 0; single < count; single++)
            {
                for (var row = 0; row < rows; row++)
                    y[row * outputs + o + single] =
                        Dot(x + (long)row * inputs, w + (o + single) * inputs, inputs)
                        + (b is null ? 0 : b[o + single]);
            }

            return;
        }

        var r = 0;
        for (; HasManyRegisters && r + 3 < rows; r += 4)
            Four(x + (long)r * inputs, w + o * inputs, b is null ? null : b + o, y + r * outputs + o, inputs, outputs);
        for (; r + 1 < rows; r += 2)
            Two(x + (long)r * inputs, w + o * inputs, b is null ? null : b + o, y + r * outputs + o, inputs, outputs);
        if (r < rows)
            One(x + (long)r * inputs, w + o * inputs, b is null ? null : b + o, y + r * outputs + o, inputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* x, float* w, float* b, float* y, int inputs)
    {
        float* w1 = w + inputs,
            w2 = w1 + inputs,
            w3 = w2 + inputs,
            next = w3 + inputs;
        var (s0, s1, s2, s3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
        {
            Prefetch(next + Outputs * i);
            var value = Vector.Load(x + i);
            s0 = Vector.FusedMultiplyAdd(value, Vector.Load(w + i), s0);
            s1 = Vector.FusedMultiplyAdd(value, Vector.Load(w1 + i), s1);
            s2 = Vector.FusedMultiplyAdd(value, Vector.Load(w2 + i), s2);
            s3 = Vector.FusedMultiplyAdd(value, Vector.Load(w3 + i), s3);
        }

        Store(s0, s1, s2, s3, x, w, b, y, i, inputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* x, float* w, float* b, float* y, int inputs, long outputs)
    {
        float* x1 = x + inputs,
            w1 = w + inputs,
            w2 = w1 + inputs,
            w3 = w2 + inputs,
            next = w3 + inputs;
        var (s0, s1, s2, s3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var (t0, t1, t2, t3) = (s0, s0, s0, s0);
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
        {
            Prefetch(next + Outputs * i);
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

        Store(s0, s1, s2, s3, x, w, b, y, i, inputs);
        Store(t0, t1, t2, t3, x1, w, b, y + outputs, i, inputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* x, float* w, float* b, float* y, int inputs, long outputs)
    {
        float* x1 = x + inputs,
            x2 = x1 + inputs,
            x3 = x2 + inputs,
            w1 = w + inputs,
            w2 = w1 + inputs,
            w3 = w2 + inputs,
            next = w3 + inputs;
        var zero = Vector<float>.Zero;
        var (s0, s1, s2, s3) = (zero, zero, zero, zero);
        var (t0, t1, t2, t3) = (zero, zero, zero, zero);
        var (u0, u1, u2, u3) = (zero, zero, zero, zero);
        var (v0, v1, v2, v3) = (zero, zero, zero, zero);
        var i = 0;
        for (; i <= inputs - Vector<float>.Count; i += Vector<float>.Count)
        {
            Prefetch(next + Outputs * i);
            var (a0, a1, a2, a3) = (Vector.Load(w + i), Vector.Load(w1 + i), Vector.Load(w2 + i), Vector.Load(w3 + i));
            var value0 = Vector.Load(x + i);
            s0 = Vector.FusedMultiplyAdd(value0, a0, s0);
            s1 = Vector.FusedMultiplyAdd(value0, a1, s1);
            s2 = Vector.FusedMultiplyAdd(value0, a2, s2);
            s3 = Vector.FusedMultiplyAdd(value0, a3, s3);
            var value1 = Vector.Load(x1 + i);
            t0 = Vector.FusedMultiplyAdd(value1, a0, t0);
            t1 = Vector.FusedMultiplyAdd(value1, a1, t1);
            t2 = Vector.FusedMultiplyAdd(value1, a2, t2);
            t3 = Vector.FusedMultiplyAdd(value1, a3, t3);
            var value2 = Vector.Load(x2 + i);
            u0 = Vector.FusedMultiplyAdd(value2, a0, u0);
            u1 = Vector.FusedMultiplyAdd(value2, a1, u1);
            u2 = Vector.FusedMultiplyAdd(value2, a2, u2);
            u3 = Vector.FusedMultiplyAdd(value2, a3, u3);
            var value3 = Vector.Load(x3 + i);
            v0 = Vector.FusedMultiplyAdd(value3, a0, v0);
            v1 = Vector.FusedMultiplyAdd(value3, a1, v1);
            v2 = Vector.FusedMultiplyAdd(value3, a2, v2);
            v3 = Vector.FusedMultiplyAdd(value3, a3, v3);
        }

        Store(s0, s1, s2, s3, x, w, b, y, i, inputs);
        Store(t0, t1, t2, t3, x1, w, b, y + outputs, i, inputs);
        Store(u0, u1, u2, u3, x2, w, b, y + 2 * outputs, i, inputs);
        Store(v0, v1, v2, v3, x3, w, b, y + 3 * outputs, i, inputs);
    }

    /// <summary>Four outputs of a row from their partial sums and the inputs from <paramref name="i"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector<float> s0,
        Vector<float> s1,
        Vector<float> s2,
        Vector<float> s3,
        float* x,
        float* w,
        float* b,
        float* y,
        int i,
        int inputs
    )
    {
        var sums = Sums(s0, s1, s2, s3);
        for (; i < inputs; i++)
            sums = Vector128.FusedMultiplyAdd(
                Vector128.Create(x[i]),
                Vector128.Create(w[i], w[inputs + i], w[2 * (long)inputs + i], w[3 * (long)inputs + i]),
                sums
            );
        (b is null ? sums : sums + Vector128.Load(b)).Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sums(Vector<float> s0, Vector<float> s1, Vector<float> s2, Vector<float> s3)
    {
        if (!Avx.IsSupported || Vector<float>.Count != Vector256<float>.Count)
            return Vector128.Create(Vector.Sum(s0), Vector.Sum(s1), Vector.Sum(s2), Vector.Sum(s3));
        var all = Avx.HorizontalAdd(
            Avx.HorizontalAdd(s0.AsVector256(), s1.AsVector256()),
            Avx.HorizontalAdd(s2.AsVector256(), s3.AsVector256())
        );
        return all.GetLower() + all.GetUpper();
    }

    // The next four rows are asked for while these are summed up: short rows end before the processor has guessed a
    // stream.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* address)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(address);
        Sse.Prefetch0(address + 16);
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
