using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>y = x / √(mean(x²) + ε) · (w + offset) over rows, and its gradients, in one pass each.</summary>
internal static unsafe class RmsNormKernel
{
    /// <summary>The output, contiguous, of a contiguous input [..., D].</summary>
    public static Tensor Forward(Tensor input, Tensor weight, in RmsNormSettings settings)
    {
        var (width, epsilon, offset) = settings;
        var output = empty_like(input);
        var rows = input.numel() / width;
        var (x, w, y) = (
            (nint)TensorMemory.Floats(input),
            (nint)TensorMemory.Floats(weight),
            (nint)TensorMemory.Floats(output)
        );
        var parts = TensorMemory.Parts(rows, width);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    Normalize((float*)x + row * width, (float*)w, (float*)y + row * width, (int)width, epsilon, offset);
            }
        );
        return output;
    }

    /// <summary>Gradients of input and weight; the latter only where asked for.</summary>
    public static (Tensor Input, Tensor? Weight) Backward(
        Tensor input,
        Tensor weight,
        Tensor gradient,
        in RmsNormSettings settings,
        bool weightNeeded
    )
    {
        var (width, epsilon, offset) = settings;
        var inputGradient = empty_like(input);
        var rows = input.numel() / width;
        var parts = TensorMemory.Parts(rows, width);
        var partial = weightNeeded ? zeros([parts, width], dtype: ScalarType.Float32) : null;
        var (x, w, g) = (
            (nint)TensorMemory.Floats(input),
            (nint)TensorMemory.Floats(weight),
            (nint)TensorMemory.Floats(gradient)
        );
        var (dx, dw) = (
            (nint)TensorMemory.Floats(inputGradient),
            partial is null ? 0 : (nint)TensorMemory.Floats(partial)
        );
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                var sums = dw == 0 ? null : (float*)dw + part * width;
                for (var row = first; row < end; row++)
                {
                    var at = row * width;
                    Differentiate(
                        (float*)x + at,
                        (float*)w,
                        (float*)g + at,
                        (float*)dx + at,
                        sums,
                        (int)width,
                        epsilon,
                        offset
                    );
                }
            }
        );
        return (inputGradient, partial?.sum(dim: 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalize(float* x, float* w, float* y, int width, float epsilon, float offset)
    {
        var inverse = Inverse(x, width, epsilon);
        var (scale, shift) = (new Vector<float>(inverse), new Vector<float>(offset));
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Load(x + i) * scale * (Vector.Load(w + i) + shift)).Store(y + i);
        for (; i < width; i++)
            y[i] = x[i] * inverse * (w[i] + offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(
        float* x,
        float* w,
        float* g,
        float* dx,
        float* dw,
        int width,
        float epsilon,
        float offset
    )
    {
        var inverse = Inverse(x, width, epsilon);
        var (sums, shift) = (Vector<float>.Zero, new Vector<float>(offset));
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
            sums += Vector.Load(x + i) * Vector.Load(g + i) * (Vector.Load(w + i) + shift);
        var dot = Vector.Sum(sums);
        for (; i < width; i++)
            dot += x[i] * g[i] * (w[i] + offset);
        var pull = dot * inverse * inverse / width;
        var (scale, pulls) = (new Vector<float>(inverse), new Vector<float>(pull));
        for (i = 0; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (value, upstream) = (Vector.Load(x + i), Vector.Load(g + i));
            ((upstream * (Vector.Load(w + i) + shift) - value * pulls) * scale).Store(dx + i);
            if (dw is not null)
                (Vector.Load(dw + i) + upstream * value * scale).Store(dw + i);
        }

        for (; i < width; i++)
        {
            dx[i] = (g[i] * (w[i] + offset) - x[i] * pull) * inverse;
            if (dw is not null)
                dw[i] += g[i] * x[i] * inverse;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Inverse(float* x, int width, float epsilon)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.Load(x + i);
            sums += value * value;
        }

        var sum = Vector.Sum(sums);
        for (; i < width; i++)
            sum += x[i] * x[i];
        return 1 / MathF.Sqrt(sum / width + epsilon);
    }
}
