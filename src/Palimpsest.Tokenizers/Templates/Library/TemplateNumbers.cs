using System.Globalization;
using System.Numerics;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Numbers in texts as Python's <c>int</c> and <c>float</c> read them.</summary>
internal static class TemplateNumbers
{
    /// <summary>A whole number of a base in [2, 36], or of the base that its prefix says if that is 0; null if the
    /// text is none.</summary>
    public static long? ParseWhole(string text, int numberBase)
    {
        var digits = Cleaned(text);
        var isNegative = digits.StartsWith('-');
        if (digits.StartsWith('-') || digits.StartsWith('+'))
            digits = digits[1..];
        var prefixBase = PrefixBase(digits);
        if (prefixBase != 0 && (numberBase == 0 || numberBase == prefixBase))
        {
            numberBase = prefixBase;
            digits = digits[2..];
            digits = digits.StartsWith('_') ? digits[1..] : digits;
        }
        else if (numberBase == 0)
        {
            numberBase = 10;
            if (digits.StartsWith('0') && digits.AsSpan().ContainsAnyExcept('0', '_'))
                return null;
        }

        return Value(digits, numberBase) is { } value ? Signed(value, isNegative) : null;
    }

    /// <summary>A number; null if the text is none.</summary>
    public static double? ParseReal(string text)
    {
        var cleaned = Cleaned(text);
        var unsigned = cleaned.StartsWith('-') || cleaned.StartsWith('+') ? cleaned[1..] : cleaned;
        var sign = cleaned.StartsWith('-') ? -1.0 : 1.0;
        if (
            unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase)
            || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase)
        )
            return sign * double.PositiveInfinity;
        if (unsigned.Equals("nan", StringComparison.OrdinalIgnoreCase))
            return double.NaN;
        if (
            unsigned.Length == 0
            || !(char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')
            || !HasDigitsAround(unsigned)
        )
            return null;
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(
            unsigned.Replace("_", "", StringComparison.Ordinal),
            style,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? sign * number
            : null;
    }

    /// <summary>Without blanks around, decimal digits of any script as those of ASCII.</summary>
    private static string Cleaned(string text)
    {
        TemplateRun.Charge(text.Length);
        var cleaned = new StringBuilder();
        foreach (var rune in TemplateText.Strip(text, null).EnumerateRunes())
        {
            if (TemplateCharacter.IsDecimal(rune))
                cleaned.Append(CharUnicodeInfo.GetDecimalDigitValue(rune.ToString(), 0));
            else
                cleaned.Append(rune.ToString());
        }

        return cleaned.ToString();
    }

    private static int PrefixBase(string digits)
    {
        if (digits.Length < 2 || digits[0] != '0')
            return 0;
        return char.ToLowerInvariant(digits[1]) switch
        {
            'b' => 2,
            'o' => 8,
            'x' => 16,
            _ => 0,
        };
    }

    private static BigInteger? Value(string digits, int numberBase)
    {
        const int most = 4300; // Python reads no more either
        if (digits.Length is 0 or > most || !HasDigitsAround(digits, letters: true))
            return null;
        var value = BigInteger.Zero;
        foreach (var c in digits.Where(c => c != '_'))
        {
            var digit = DigitOf(c);
            if (digit < 0 || digit >= numberBase)
                return null;
            value = (value * numberBase) + digit;
        }

        return value;
    }

    private static int DigitOf(char c)
    {
        if (char.IsAsciiDigit(c))
            return c - '0';
        return char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : -1;
    }

    private static long Signed(BigInteger value, bool isNegative)
    {
        value = isNegative ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue
            ? (long)value
            : throw new TemplateError("a whole number is too large.");
    }

    /// <summary>Whether each underscore stands between two digits.</summary>
    private static bool HasDigitsAround(string text, bool letters = false)
    {
        bool IsDigit(int at) =>
            at >= 0
            && at < text.Length
            && (letters ? char.IsAsciiLetterOrDigit(text[at]) : char.IsAsciiDigit(text[at]));
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && !(IsDigit(i - 1) && IsDigit(i + 1)))
                return false;
        }

        return true;
    }
}
