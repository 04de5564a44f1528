using System.Diagnostics;

namespace Palimpsest.Reproductions;

/// <summary>By how much a piece of work raises the resident memory of a process that does nothing else.</summary>
public static class PeakMemory
{
    private const string ClearReferences = "/proc/self/clear_refs";

    /// <summary>Peak resident bytes during the work above those before it.</summary>
    /// <remarks>
    /// Linux forgets the peak of what came before; elsewhere an earlier peak hides a smaller one. The allocator keeps
    /// freed pages: the first measurement of a process is the true one.
    /// </remarks>
    public static long Of(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var process = Process.GetCurrentProcess();
        if (File.Exists(ClearReferences))
            File.WriteAllText(ClearReferences, "5");
        var before = process.WorkingSet64;
        work();
        process.Refresh();
        return Math.Max(0, process.PeakWorkingSet64 - before);
    }
}
