using System.Globalization;
using System.Numerics;

namespace Palimpsest.Tokenizers;

/// <summary>Numbers in a format's form.</summary>
internal static class TemplateNumberFormat
{
    /// <summary>A whole number: letters <c>d b o x X c n</c>, or none.</summary>
    public static string Whole(long value, TemplateFormatSpec spec)
    {
        if (spec.Precision is not null)
            throw new TemplateError("a precision is not allowed in the format of a whole number.");
        if (spec.Type == 'c' && (spec.HasSign || spec.IsAlternate || spec.Grouping is not null))
            throw new TemplateError("a format of numbers does not fit a character.");
        if (spec.Type == 'c')
            return spec.Pad("", Character(value), '<');
        var magnitude = BigInteger.Abs(value);
        var (digits, prefix) = spec.Type switch
        {
            null or 'd' or 'n' => (magnitude.ToString(CultureInfo.InvariantCulture), ""),
            'b' => (magnitude.ToString("B", CultureInfo.InvariantCulture).TrimStart('0'), "0b"),
            'o' => (Octal(magnitude), "0o"),
            'x' => (magnitude.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'), "0x"),
            'X' => (magnitude.ToString("X", CultureInfo.InvariantCulture).TrimStart('0'), "0X"),
            var other => throw Unknown(other, "a whole number"),
        };
        var isDecimal = prefix.Length == 0;
        if (spec.Grouping == ',' && !isDecimal)
            throw new TemplateError($"a format cannot have ',' with '{spec.Type}'.");
        var sign = SignOf(value < 0, spec.Sign) + (spec.IsAlternate ? prefix : "");
        return Grouped(sign, digits.Length == 0 ? "0" : digits, "", isDecimal ? 3 : 4, spec);
    }

    /// <summary>A number: letters <c>e E f F g G n %</c>, or none.</summary>
    public static string Real(double value, TemplateFormatSpec spec)
    {
        var sign = SignOf(double.IsNegative(value) && !double.IsNaN(value), spec.Sign);
        var isUpper = spec.Type is 'E' or 'F' or 'G';
        var unit = spec.Type == '%' ? "%" : "";
        var text = double.IsFinite(value)
            ? Body(Math.Abs(value), spec)
            : TemplateDigits.NotFinite(Math.Abs(value)) + unit;
        text = isUpper ? text.ToUpperInvariant() : text;
        var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? Grouped(sign, text, "", 3, spec) : Grouped(sign, text[..end], text[end..], 3, spec);
    }

    /// <summary>The sign that a number shows.</summary>
    public static string SignOf(bool isNegative, char sign)
    {
        if (isNegative)
            return "-";
        return sign == '-' ? "" : sign.ToString();
    }

    private static string Body(double value, TemplateFormatSpec spec)
    {
        var precision = spec.Precision ?? 6;
        switch (spec.Type)
        {
            case 'f' or 'F':
                return TemplateDigits.Fixed(value, precision) + (spec.IsAlternate && precision == 0 ? "." : "");
            case '%':
                var percent = TemplateDigits.Fixed(value * 100, precision);
                return percent + (spec.IsAlternate && precision == 0 ? ".%" : "%");
            case 'e' or 'E':
                var (digits, exponent) = TemplateDigits.Leading(value, precision + 1);
                var text = TemplateDigits.Scientific(digits, exponent);
                return spec.IsAlternate && precision == 0 ? text.Insert(1, ".") : text;
            case 'g' or 'G' or 'n':
                return General(value, Math.Max(1, precision), spec.IsAlternate, keepsPoint: false);
            case null when spec.Precision is null:
                return spec.IsAlternate
                    ? throw Unknown('#', "a number without a letter")
                    : TemplateDigits.Represent(value);
            case null:
                return General(value, Math.Max(1, precision), spec.IsAlternate, keepsPoint: true);
            default:
                throw Unknown(spec.Type, "a number");
        }
    }

    private static string General(double value, int precision, bool keepsZeros, bool keepsPoint)
    {
        var (digits, exponent) = TemplateDigits.Leading(value, precision);
        var isPlain = exponent >= -4 && exponent < precision - (keepsPoint ? 1 : 0);
        if (!keepsZeros)
            digits = digits.TrimEnd('0') is { Length: > 0 } kept ? kept : "0";
        if (isPlain)
        {
            var plain = TemplateDigits.Plain(digits, exponent, keepsPoint);
            return keepsZeros && !plain.Contains('.', StringComparison.Ordinal) ? plain + "." : plain;
        }

        var text = TemplateDigits.Scientific(digits, exponent);
        return keepsZeros && digits.Length == 1 ? text.Insert(1, ".") : text;
    }

    /// <summary>Whole digits in groups, with zeros in front where the format fills with them.</summary>
    private static string Grouped(string sign, string digits, string rest, int size, TemplateFormatSpec spec)
    {
        if (spec.Grouping is not { } separator || !char.IsAsciiLetterOrDigit(digits.FirstOrDefault()))
            return spec.Pad(sign, digits + rest, '>');
        var fillsZeros = spec is { Fill: "0", Align: '=' };
        TemplateRun.CheckLength(spec.Width);
        while (fillsZeros && sign.Length + Separated(digits, size, separator).Length + rest.Length < spec.Width)
        {
            TemplateRun.Charge(digits.Length);
            digits = "0" + digits;
        }

        return spec.Pad(sign, Separated(digits, size, separator) + rest, '>');
    }

    private static string Separated(string digits, int size, char separator)
    {
        var first = ((digits.Length - 1) % size) + 1;
        var groups = Enumerable
            .Range(0, (digits.Length - first) / size)
            .Select(i => digits.Substring(first + (i * size), size));
        return string.Join(separator, groups.Prepend(digits[..first]));
    }

    /// <summary>Digits of base eight.</summary>
    public static string Octal(BigInteger magnitude)
    {
        var digits = "";
        for (; magnitude > 0; magnitude >>= 3)
            digits = (char)('0' + (int)(magnitude & 7)) + digits;
        return digits;
    }

    /// <summary>The character of a code point.</summary>
    public static string Character(long scalar) =>
        scalar is >= 0 and <= 0x10FFFF && System.Text.Rune.IsValid((int)scalar)
            ? new System.Text.Rune((int)scalar).ToString()
            : throw new TemplateError($"{scalar} is not a character.");

    private static TemplateError Unknown(char? letter, string kind) =>
        new($"the format {JsonField.Shown(letter.ToString() ?? "")} does not fit {kind}.");
}
