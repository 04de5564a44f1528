using System.Globalization;

namespace Palimpsest.TestKit;

/// <summary>What bad input must get: one line that names file and cause, and no memory of a size that a file only
/// claims.</summary>
public static class Refusal
{
    private const long MostMegabytes = 2048;

    /// <summary>Runs <paramref name="act"/> and gives the line that it was refused with.</summary>
    /// <param name="act">Reads the bad input.</param>
    /// <param name="words">Each must be in the line.</param>
    /// <exception cref="InvalidOperationException">It was not refused, or not in that way.</exception>
    public static string Of(Action act, params IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(act);
        var before = PeakMegabytes();
        try
        {
            act();
        }
        catch (InputException error)
        {
            var line = error.Message;
            if (line.Any(char.IsControl) || line.Length > 2000)
                throw new InvalidOperationException(
                    $"Not one line, or a very long one ({line.Length} characters): {line}",
                    error
                );
            if (words.FirstOrDefault(word => !line.Contains(word, StringComparison.Ordinal)) is { } missing)
                throw new InvalidOperationException($"'{missing}' is not in: {line}", error);
            if (PeakMegabytes() - before > MostMegabytes)
                throw new InvalidOperationException(
                    $"{PeakMegabytes() - before} MB were allocated before: {line}",
                    error
                );
            return line;
        }

        throw new InvalidOperationException("It was not refused.");
    }

    // Largest address space so far; memory that is claimed and never touched counts.
    private static long PeakMegabytes()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmPeak:", StringComparison.Ordinal));
        return long.Parse(string.Concat(line.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture) / 1024;
    }
}
