using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>A scalar of a rewritten text: 0 replaces the next source scalar, 1 is inserted, −n swallows n
/// more.</summary>
internal readonly record struct ScalarChange(int Scalar, int Change);

/// <summary>The four normal forms of Unicode, with what became of each source scalar.</summary>
internal static class UnicodeForms
{
    private const int HangulBase = 0xAC00,
        LeadBase = 0x1100,
        VowelBase = 0x1161,
        TailBase = 0x11A7;
    private const int LeadCount = 19,
        VowelCount = 21,
        TailCount = 28,
        HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Tables> Data = new(Read);

    /// <summary>Whether every character is below the first that any form changes.</summary>
    public static bool IsTrivial(ReadOnlySpan<char> text, bool compatibility, bool compose) =>
        text.IndexOfAnyExceptInRange('\0', !compose || compatibility ? '\u009F' : '\u02FF') < 0;

    /// <summary>Canonical combining class in [0, 254].</summary>
    public static int CombiningClass(int scalar) => scalar < 0x300 ? 0 : Data.Value.Classes.GetValueOrDefault(scalar);

    /// <summary>The normal form of a text.</summary>
    public static List<ScalarChange> Apply(ReadOnlySpan<char> text, bool compatibility, bool compose)
    {
        var decomposed = new List<ScalarChange>(text.Length + 8);
        var mapping = new List<int>();
        foreach (var rune in text.EnumerateRunes())
        {
            mapping.Clear();
            Decompose(rune.Value, compatibility, mapping);
            for (var i = 0; i < mapping.Count; i++)
                decomposed.Add(new ScalarChange(mapping[i], i == 0 ? 0 : 1));
        }

        Reorder(decomposed);
        return compose ? Compose(decomposed) : decomposed;
    }

    private static void Decompose(int scalar, bool compatibility, List<int> output)
    {
        var syllable = scalar - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            output.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            output.Add(VowelBase + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount != 0)
                output.Add(TailBase + (syllable % TailCount));
            return;
        }

        var tables = Data.Value;
        int[]? parts = null;
        var found =
            scalar >= 0xA0
            && (
                tables.Canonical.TryGetValue(scalar, out parts)
                || (compatibility && tables.Compatible.TryGetValue(scalar, out parts))
            );
        if (!found)
        {
            output.Add(scalar);
            return;
        }

        foreach (var part in parts!)
            Decompose(part, compatibility, output);
    }

    private static void Reorder(List<ScalarChange> scalars)
    {
        for (var i = 0; i < scalars.Count; )
        {
            if (CombiningClass(scalars[i].Scalar) == 0)
            {
                i++;
                continue;
            }

            var end = i + 1;
            while (end < scalars.Count && CombiningClass(scalars[end].Scalar) != 0)
                end++;
            if (end - i > 1)
            {
                var marks = scalars.GetRange(i, end - i).OrderBy(mark => CombiningClass(mark.Scalar)).ToList();
                for (var k = 0; k < marks.Count; k++)
                    scalars[i + k] = marks[k];
            }

            i = end;
        }
    }

    private static List<ScalarChange> Compose(List<ScalarChange> scalars)
    {
        var output = new List<ScalarChange>(scalars.Count);
        var starter = -1;
        var lastClass = -1;
        foreach (var scalar in scalars)
        {
            var combining = CombiningClass(scalar.Scalar);
            var adjacent = lastClass < 0 || lastClass < combining;
            if (starter >= 0 && adjacent && TryCompose(output[starter].Scalar, scalar.Scalar) is { } composed)
            {
                output[starter] = new ScalarChange(composed, output[starter].Change + scalar.Change - 1);
                continue;
            }

            if (combining == 0)
            {
                starter = output.Count;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            output.Add(scalar);
        }

        return output;
    }

    private static int? TryCompose(int first, int second)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            return HangulBase + (((lead * VowelCount) + vowel) * TailCount);
        var syllable = first - HangulBase;
        var tail = second - TailBase;
        if (syllable is >= 0 and < HangulCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            return first + tail;
        return Data.Value.Pairs.TryGetValue(((long)first << 32) | (uint)second, out var composed) ? composed : null;
    }

    private static Tables Read()
    {
        var tables = new Tables([], [], [], []);
        using var deflated = new DeflateStream(
            new MemoryStream(Convert.FromBase64String(UnicodeTables.Deflated)),
            CompressionMode.Decompress
        );
        using var reader = new StreamReader(deflated, Encoding.ASCII);
        var scalar = 0;
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            scalar += Hex(fields[0]);
            if (fields[1].Length > 0)
                tables.Classes[scalar] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[2].Length == 0)
                continue;
            var parts = fields[3].Split(' ').Select(Hex).ToArray();
            (fields[2] == "k" ? tables.Compatible : tables.Canonical)[scalar] = parts;
            if (fields[2] == "p")
                tables.Pairs[((long)parts[0] << 32) | (uint)parts[1]] = scalar;
        }

        return tables;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private sealed record Tables(
        Dictionary<int, byte> Classes,
        Dictionary<int, int[]> Canonical,
        Dictionary<int, int[]> Compatible,
        Dictionary<long, int> Pairs
    );
}
