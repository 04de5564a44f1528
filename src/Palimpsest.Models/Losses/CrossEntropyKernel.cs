using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

/// <summary>The two passes over a tile of logits that are not matrix products: log-sum-exp, and the gradient from
/// it.</summary>
internal static unsafe class CrossEntropyKernel
{
    /// <summary>True when the tile can be walked as float32 in memory.</summary>
    public static bool Supports(Tensor logits) =>
        logits.device_type == DeviceType.CPU && logits.dtype == ScalarType.Float32 && logits.is_contiguous();

    /// <summary>⟨hidden[n], classifier[labels[n]]⟩ [rows], without gathering the classifier's rows.</summary>
    public static Tensor RowDots(Tensor hidden, Tensor classifier, Tensor labels)
    {
        var (rows, width) = (hidden.shape[0], hidden.shape[1]);
        var result = empty([rows], dtype: ScalarType.Float32);
        var (x, c, y) = (
            (nint)TensorMemory.Floats(hidden),
            (nint)TensorMemory.Floats(classifier),
            (nint)TensorMemory.Floats(result)
        );
        var entries = (nint)TensorMemory.Longs(labels);
        Walk(
            rows,
            width,
            row =>
                ((float*)y)[row] = Dot((float*)x + row * width, (float*)c + ((long*)entries)[row] * width, (int)width)
        );
        return result;
    }

    /// <summary>Adds a tile's logits [rows, entries] to the running sums, contiguous, in place.</summary>
    /// <param name="logits">[rows, entries].</param>
    /// <param name="running">The largest logits so far m [rows] and the sums of e^(logit − m) [rows], both brought up
    /// to date.</param>
    public static void AddExponentials(Tensor logits, (Tensor Largest, Tensor Sums) running)
    {
        var (rows, entries) = (logits.shape[0], logits.shape[1]);
        var x = (nint)TensorMemory.Floats(logits);
        var (largest, sums) = ((nint)TensorMemory.Floats(running.Largest), (nint)TensorMemory.Floats(running.Sums));
        Walk(
            rows,
            entries,
            row =>
            {
                var own = (float*)x + row * entries;
                var before = ((float*)largest)[row];
                var now = Math.Max(before, Largest(own, (int)entries));
                ((float*)largest)[row] = now;
                ((float*)sums)[row] =
                    ((float*)sums)[row] * MathF.Exp(before - now) + SumOfExponentials(own, (int)entries, now);
            }
        );
    }

    /// <summary>
    /// The running softmax over tiles: logits [rows, entries] become e^(logit − m) in place, where m is the largest
    /// logit of the row so far.
    /// </summary>
    /// <param name="logits">[rows, entries].</param>
    /// <param name="running">The largest logits so far [rows] and the sums of e^(logit − m) [rows], both brought
    /// up to date.</param>
    /// <param name="factors">[rows]: what earlier sums were multiplied by, since m has grown.</param>
    public static void Exponentials(Tensor logits, (Tensor Largest, Tensor Sums) running, Tensor factors)
    {
        var (rows, entries) = (logits.shape[0], logits.shape[1]);
        var (x, f) = ((nint)TensorMemory.Floats(logits), (nint)TensorMemory.Floats(factors));
        var (largest, sums) = ((nint)TensorMemory.Floats(running.Largest), (nint)TensorMemory.Floats(running.Sums));
        Walk(
            rows,
            entries,
            row =>
            {
                var own = (float*)x + row * entries;
                var before = ((float*)largest)[row];
                var now = Math.Max(before, Largest(own, (int)entries));
                var factor = MathF.Exp(before - now);
                ((float*)largest)[row] = now;
                ((float*)f)[row] = factor;
                ((float*)sums)[row] = ((float*)sums)[row] * factor + Exponentials(own, (int)entries, now);
            }
        );
    }

    /// <summary>
    /// softmax · both − onehot(label) · nll: the gradient [rows, entries] of a tile's logits, written to
    /// <paramref name="gradient"/>, which may be the logits themselves.
    /// </summary>
    /// <param name="logits">[rows, entries].</param>
    /// <param name="gradient">[rows, entries].</param>
    /// <param name="saved">The largest logits m [rows] float32, the sums of e^(logit − m) [rows] float32, and labels
    /// [rows] int64.</param>
    /// <param name="upstream">Gradients of the token losses, and of losses and log-sum-exps together, [rows]
    /// each.</param>
    /// <param name="firstEntry">The vocabulary entry of column 0.</param>
    public static void Gradient(
        Tensor logits,
        Tensor gradient,
        (Tensor Largest, Tensor Sums, Tensor Labels) saved,
        (Tensor Nll, Tensor Both) upstream,
        long firstEntry
    )
    {
        var (rows, entries) = (logits.shape[0], logits.shape[1]);
        var (x, g) = ((nint)TensorMemory.Floats(logits), (nint)TensorMemory.Floats(gradient));
        var (largest, sums) = ((nint)TensorMemory.Floats(saved.Largest), (nint)TensorMemory.Floats(saved.Sums));
        var labels = (nint)TensorMemory.Longs(saved.Labels);
        var (nll, both) = ((nint)TensorMemory.Floats(upstream.Nll), (nint)TensorMemory.Floats(upstream.Both));
        Walk(
            rows,
            entries,
            row =>
            {
                var to = (float*)g + row * entries;
                var scale = ((float*)both)[row] / ((float*)sums)[row];
                ScaledExponentials((float*)x + row * entries, to, (int)entries, ((float*)largest)[row], scale);
                var target = ((long*)labels)[row] - firstEntry;
                if (target >= 0 && target < entries)
                    to[target] -= ((float*)nll)[row];
            }
        );
    }

    private static void Walk(long rows, long entries, Action<long> visit)
    {
        var parts = TensorMemory.Parts(rows, entries);
        TorchThreads.Run(
            parts,
            part =>
            {
                var (first, end) = TensorMemory.Rows(part, parts, rows);
                for (var row = first; row < end; row++)
                    visit(row);
            }
        );
    }

    private static float Dot(float* x, float* y, int count)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            sums += Vector.Load(x + i) * Vector.Load(y + i);
        var sum = Vector.Sum(sums);
        for (; i < count; i++)
            sum += x[i] * y[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(float* x, int count)
    {
        var most = new Vector<float>(float.NegativeInfinity);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            most = Vector.Max(most, Vector.Load(x + i));
        var largest = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            largest = Math.Max(largest, most[lane]);
        for (; i < count; i++)
            largest = Math.Max(largest, x[i]);
        return largest;
    }

    // Overwrites the logits by e^(logit − shift) and gives their sum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentials(float* x, int count, float shift)
    {
        var (shifts, sums) = (new Vector<float>(shift), Vector<float>.Zero);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.Exp(Vector.Load(x + i) - shifts);
            value.Store(x + i);
            sums += value;
        }

        var sum = Vector.Sum(sums);
        for (; i < count; i++)
            sum += x[i] = MathF.Exp(x[i] - shift);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumOfExponentials(float* x, int count, float shift)
    {
        var shifts = new Vector<float>(shift);
        var i = 0;
        var (sums, others) = (Vector<float>.Zero, Vector<float>.Zero);
        for (; i <= count - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            sums += Vector.Exp(Vector.Load(x + i) - shifts);
            others += Vector.Exp(Vector.Load(x + i + Vector<float>.Count) - shifts);
        }

        var sum = Vector.Sum(sums + others);
        for (; i < count; i++)
            sum += MathF.Exp(x[i] - shift);
        return sum;
    }

    // Shifted by the largest logit and not by the log-sum-exp, whose rounding would be that of its size: a probability
    // near 1 would be off by more than it lacks of 1.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaledExponentials(float* x, float* y, int count, float shift, float scale)
    {
        var (shifts, scales) = (new Vector<float>(shift), new Vector<float>(scale));
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Exp(Vector.Load(x + i) - shifts) * scales).Store(y + i);
        for (; i < count; i++)
            y[i] = MathF.Exp(x[i] - shift) * scale;
    }
}
