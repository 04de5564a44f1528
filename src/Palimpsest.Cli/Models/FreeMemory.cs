using System.Globalization;

namespace Palimpsest.Cli;

/// <summary>How much memory a job may still take.</summary>
internal static class FreeMemory
{
    /// <summary>Overrides what the system says: a size such as <c>8GB</c>.</summary>
    public const string Variable = "PALIMPSEST_FREE_MEMORY";

    private const string Control = "/sys/fs/cgroup";

    /// <summary>Bytes that are free or can be freed, within the limits that a container has.</summary>
    /// <exception cref="InputException">The variable holds no size.</exception>
    public static long Read()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text)
            return ByteSize.Parse(text, Variable);
        var managed = GC.GetGCMemoryInfo();
        var free = Field("/proc/meminfo", "MemAvailable:") is { } kilobytes
            ? kilobytes * 1024
            : managed.TotalAvailableMemoryBytes - managed.MemoryLoadBytes;
        if (Number($"{Control}/memory.max") is { } most && Number($"{Control}/memory.current") is { } taken)
            free = Math.Min(free, most - taken + (Field($"{Control}/memory.stat", "inactive_file") ?? 0));
        return free;
    }

    private static long? Field(string file, string name) =>
        Lines(file)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(parts => parts.Length > 1 && parts[0] == name)
            is { } found
            ? Whole(found[1])
            : null;

    private static long? Number(string file) => Lines(file) is [var line, ..] ? Whole(line) : null;

    private static long? Whole(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
