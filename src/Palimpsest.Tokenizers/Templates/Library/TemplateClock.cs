using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Dates and times as <c>strftime</c> writes them in the C locale.</summary>
internal static class TemplateClock
{
    /// <summary>A time in a format's form; a hyphen after <c>%</c> leaves zeros in front out.</summary>
    /// <exception cref="TemplateError">The format has a code that is not supported.</exception>
    public static string Write(DateTimeOffset now, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var isBare = format[i + 1] == '-' && i + 2 < format.Length;
            i += isBare ? 2 : 1;
            var part = Part(now, format[i]);
            text.Append(isBare ? Bare(part) : part);
        }

        return text.ToString();
    }

    private static string Bare(string part)
    {
        var bare = part.TrimStart('0', ' ');
        return bare.Length > 0 && char.IsAsciiDigit(bare[0]) ? bare : part[^1..];
    }

    private static string Part(DateTimeOffset now, char code)
    {
        string As(string format) => now.ToString(format, CultureInfo.InvariantCulture);
        return code switch
        {
            'Y' => As("yyyy"),
            'C' => As("yyyy")[..2],
            'y' => As("yy"),
            'm' => As("MM"),
            'd' => As("dd"),
            'e' => Two(now.Day, ' '),
            'H' => As("HH"),
            'I' => As("hh"),
            'k' => Two(now.Hour, ' '),
            'l' => Two(((now.Hour + 11) % 12) + 1, ' '),
            'M' => As("mm"),
            'S' => As("ss"),
            'f' => As("ffffff"),
            'p' => As("tt"),
            'P' => As("tt").ToLowerInvariant(),
            'B' => As("MMMM"),
            'b' or 'h' => As("MMM"),
            'A' => As("dddd"),
            'a' => As("ddd"),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'u' => (((int)now.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'U' => Two((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7, '0'),
            'W' => Two((now.DayOfYear + 6 - (((int)now.DayOfWeek + 6) % 7)) / 7, '0'),
            'V' => Two(ISOWeek.GetWeekOfYear(now.DateTime), '0'),
            'G' => ISOWeek.GetYear(now.DateTime).ToString("0000", CultureInfo.InvariantCulture),
            'g' => Two(ISOWeek.GetYear(now.DateTime) % 100, '0'),
            'D' or 'x' => As("MM'/'dd'/'yy"),
            'F' => As("yyyy-MM-dd"),
            'T' or 'X' => As("HH':'mm':'ss"),
            'R' => As("HH':'mm"),
            'r' => As("hh':'mm':'ss tt"),
            'c' => $"{As("ddd MMM")} {Two(now.Day, ' ')} {As("HH':'mm':'ss yyyy")}",
            'Z' or 'z' => "", // the time has no zone there
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => throw new TemplateError($"strftime_now does not know {JsonField.Shown($"%{code}")}."),
        };
    }

    private static string Two(int number, char fill) => number.ToString(CultureInfo.InvariantCulture).PadLeft(2, fill);
}
