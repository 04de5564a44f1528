using System.Globalization;

namespace Palimpsest.Cli;

/// <summary>Sizes as people write them: <c>5GB</c>, <c>200MB</c>, <c>1GiB</c>, or plain bytes.</summary>
public static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KIB", 1L << 10),
        ("MIB", 1L << 20),
        ("GIB", 1L << 30),
        ("TIB", 1L << 40),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("B", 1),
    ];

    /// <summary>Bytes of a size.</summary>
    /// <param name="text">A number, perhaps with a unit.</param>
    /// <param name="option">The option's name, for the message.</param>
    /// <exception cref="InputException">It is not a size of at least one byte.</exception>
    public static long Parse(string text, string option)
    {
        ArgumentNullException.ThrowIfNull(text);
        var upper = text.Trim().ToUpperInvariant();
        var (unit, bytes) = Units.FirstOrDefault(u => upper.EndsWith(u.Unit, StringComparison.Ordinal), ("", 1));
        var number = upper[..^unit.Length].Trim();
        return
            double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * bytes is >= 1 and < long.MaxValue
            ? (long)(count * bytes)
            : throw new InputException(
                $"{option}: '{text}' is not a size; allowed are numbers with B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, "
                    + $"for example 5GB."
            );
    }

    /// <summary>A size in the largest unit that leaves at least one, for example <c>1.36 GB</c>.</summary>
    public static string Format(long bytes)
    {
        var (unit, size) = bytes switch
        {
            >= 1_000_000_000_000 => ("TB", 1e12),
            >= 1_000_000_000 => ("GB", 1e9),
            >= 1_000_000 => ("MB", 1e6),
            >= 1_000 => ("KB", 1e3),
            _ => ("B", 1.0),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:0.##} {unit}");
    }
}
