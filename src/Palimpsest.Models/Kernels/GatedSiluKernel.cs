using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>y = g·σ(g)·u of rows that hold g and then u, and its gradient, in one pass each.</summary>
internal static unsafe class GatedSiluKernel
{
    /// <summary>Contiguous [..., 2W] → [..., W].</summary>
    public static Tensor Forward(Tensor input, long width)
    {
        var shape = input.shape;
        shape[^1] = width;
        var output = empty(shape, dtype: ScalarType.Float32);
        var rows = input.numel() / (2 * width);
        var (x, y) = ((nint)TensorMemory.Floats(input), (nint)TensorMemory.Floats(output));
        var parts = TensorMemory.Parts(rows, 2 * width);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    Activate(
                        (float*)x + 2 * row * width,
                        (float*)x + (2 * row + 1) * width,
                        (float*)y + row * width,
                        (int)width
                    );
            }
        );
        return output;
    }

    /// <summary>The input's gradient [..., 2W].</summary>
    public static Tensor Backward(Tensor input, Tensor gradient, long width)
    {
        var inputGradient = empty_like(input);
        var rows = input.numel() / (2 * width);
        var (x, g, d) = (
            (nint)TensorMemory.Floats(input),
            (nint)TensorMemory.Floats(gradient),
            (nint)TensorMemory.Floats(inputGradient)
        );
        var parts = TensorMemory.Parts(rows, 2 * width);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    Differentiate(
                        (float*)x + 2 * row * width,
                        (float*)g + row * width,
                        (float*)d + 2 * row * width,
                        (int)width
                    );
            }
        );
        return inputGradient;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Activate(float* gate, float* up, float* y, int width)
    {
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = Vector.Load(gate + i);
            (g / (Vector<float>.One + Vector.Exp(-g)) * Vector.Load(up + i)).Store(y + i);
        }

        for (; i < width; i++)
            y[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* gate, float* gradient, float* result, int width)
    {
        var up = gate + width;
        var one = Vector<float>.One;
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (g, u, d) = (Vector.Load(gate + i), Vector.Load(up + i), Vector.Load(gradient + i));
            var sigmoid = one / (one + Vector.Exp(-g));
            (d * u * sigmoid * (one + g * (one - sigmoid))).Store(result + i);
            (d * g * sigmoid).Store(result + width + i);
        }

        for (; i < width; i++)
        {
            var sigmoid = 1 / (1 + MathF.Exp(-gate[i]));
            result[i] = gradient[i] * up[i] * sigmoid * (1 + gate[i] * (1 - sigmoid));
            result[width + i] = gradient[i] * gate[i] * sigmoid;
        }
    }
}
