using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>Lets the C library keep the memory that tensors give back, until it is asked for it.</summary>
/// <remarks>
/// By default every tensor above 128 KiB is mapped anew and unmapped when it is freed: a training step then spends a
/// tenth of its time in the kernel, clearing pages. glibc only; elsewhere nothing changes. A user's own <c>MALLOC_*</c>
/// settings stay.
/// </remarks>
internal static partial class MemoryAllocator
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MapThreshold = -3;
    private const int Kept = 1 << 30;
    private const int Step = 64 << 20;

    // The most that glibc accepts.
    private const int LargestOnHeap = 32 << 20;

    /// <summary>Sets the thresholds; call it before the first tensor.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(IsSetting))
            return;
        try
        {
            _ = SetOption(MapThreshold, LargestOnHeap);
            _ = SetOption(TrimThreshold, Kept);
            _ = SetOption(TopPad, Step);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library (musl): it has its own ways.
        }
    }

    /// <summary>Returns memory that was freed to the system: after a model has become smaller.</summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Trim(0);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library (musl): it has its own ways.
        }
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("MALLOC_", StringComparison.Ordinal) || name == "GLIBC_TUNABLES";

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);
}
