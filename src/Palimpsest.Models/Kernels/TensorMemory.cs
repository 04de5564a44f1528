using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>Where the numbers of a tensor lie.</summary>
public static unsafe partial class TensorMemory
{
    // Numbers that are worth a part of their own.
    private const long Grain = 1 << 14;
    private const int MostParts = 16;

    /// <summary>The first number of a contiguous float32 tensor on the CPU; valid while the tensor lives.</summary>
    public static float* Floats(Tensor tensor) => (float*)Data(tensor.Handle);

    /// <summary>The first number of a contiguous int64 tensor on the CPU; valid while the tensor lives.</summary>
    public static long* Longs(Tensor tensor) => (long*)Data(tensor.Handle);

    /// <summary>The tensor itself where it is contiguous, else a contiguous copy with its gradient.</summary>
    public static Tensor Contiguous(Tensor tensor) => tensor.is_contiguous() ? tensor : tensor.contiguous();

    /// <summary>Parts into which rows are cut: a function of the sizes alone, so that sums do not depend on the
    /// machine.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Numbers in a row.</param>
    public static int Parts(long rows, long width) =>
        (int)Math.Clamp(rows * width / Grain, 1, Math.Min(rows < 1 ? 1 : rows, MostParts));

    /// <summary>First row of a part, and the first after it.</summary>
    public static (long First, long End) Rows(int part, int parts, long rows) =>
        (rows * part / parts, rows * (part + 1) / parts);

    // The public property checks device, contiguity and size by a call each, which costs as much as a small operation.
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    [SuppressGCTransition]
    private static partial nint Data(nint handle);
}
