using System.Numerics;
using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;

namespace Palimpsest.Training;

/// <summary>One pass over parameter, gradient and both moments, vectorised and spread over the cores.</summary>
internal static unsafe class FusedAdamW
{
    private const int Piece = 1 << 15;

    /// <summary>The scalars of one parameter's step.</summary>
    /// <param name="Keep">1 − ηλ.</param>
    /// <param name="Rate">η / (1 − β₁ᵗ).</param>
    /// <param name="SecondScale">1 / √(1 − β₂ᵗ).</param>
    /// <param name="Beta1">First-moment decay.</param>
    /// <param name="Beta2">Second-moment decay.</param>
    /// <param name="Epsilon">Added to the root.</param>
    /// <param name="GradientScale">Multiplies the gradient.</param>
    public readonly record struct Coefficients(
        float Keep,
        float Rate,
        float SecondScale,
        float Beta1,
        float Beta2,
        float Epsilon,
        float GradientScale
    );

    /// <summary>The memory of one parameter; the tensors must outlive it.</summary>
    public readonly record struct Span(
        nint Parameter,
        nint Gradient,
        nint First,
        nint Second,
        long Count,
        Coefficients Coefficients
    )
    {
        public static Span Over(
            Parameter parameter,
            Tensor gradient,
            Tensor first,
            Tensor second,
            Coefficients coefficients
        ) =>
            new(
                Address(parameter),
                Address(gradient),
                Address(first),
                Address(second),
                parameter.numel(),
                coefficients
            );
    }

    /// <summary>True when the memory can be walked as float32.</summary>
    public static bool Supports(Parameter parameter, Tensor gradient) =>
        parameter.dtype == ScalarType.Float32
        && gradient.dtype == ScalarType.Float32
        && parameter.device_type == DeviceType.CPU
        && gradient.device_type == DeviceType.CPU
        && parameter.is_contiguous()
        && gradient.is_contiguous()
        && parameter.numel() * sizeof(float) <= int.MaxValue;

    /// <summary>Steps every span.</summary>
    public static void Run(IReadOnlyList<Span> spans)
    {
        var pieces = new List<(int Span, long Start)>();
        for (var i = 0; i < spans.Count; i++)
        {
            for (long start = 0; start < spans[i].Count; start += Piece)
                pieces.Add((i, start));
        }

        TorchThreads.Run(pieces.Count, i => Update(spans[pieces[i].Span], pieces[i].Start));
    }

    private static nint Address(Tensor tensor) =>
        (nint)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(tensor.bytes));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(in Span span, long start)
    {
        var count = (int)Math.Min(Piece, span.Count - start);
        var parameter = (float*)span.Parameter + start;
        var gradient = (float*)span.Gradient + start;
        var first = (float*)span.First + start;
        var second = (float*)span.Second + start;
        var c = span.Coefficients;
        var (rest1, rest2, epsilon) = (1 - c.Beta1, 1 - c.Beta2, new Vector<float>(c.Epsilon));
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = Vector.Load(gradient + i) * c.GradientScale;
            var m = Vector.Load(first + i) * c.Beta1 + g * rest1;
            var v = Vector.Load(second + i) * c.Beta2 + g * g * rest2;
            m.Store(first + i);
            v.Store(second + i);
            var step = m / (Vector.SquareRoot(v) * c.SecondScale + epsilon);
            (Vector.Load(parameter + i) * c.Keep - step * c.Rate).Store(parameter + i);
        }
        for (; i < count; i++)
        {
            var g = gradient[i] * c.GradientScale;
            first[i] = first[i] * c.Beta1 + g * rest1;
            second[i] = second[i] * c.Beta2 + g * g * rest2;
            parameter[i] =
                parameter[i] * c.Keep - first[i] / (MathF.Sqrt(second[i]) * c.SecondScale + c.Epsilon) * c.Rate;
        }
    }
}
