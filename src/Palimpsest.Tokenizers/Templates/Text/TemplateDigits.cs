using System.Globalization;
using System.Numerics;

namespace Palimpsest.Tokenizers;

/// <summary>Decimal digits of numbers as Python writes them: exact, ties to the even digit.</summary>
internal static class TemplateDigits
{
    private const int MostPrecision = 1000;

    /// <summary>A number that is not negative, with so many digits after the point.</summary>
    public static string Fixed(double number, int precision)
    {
        var digits = Scaled(number, CheckedPrecision(precision)).ToString(CultureInfo.InvariantCulture);
        if (precision == 0)
            return digits;
        digits = digits.PadLeft(precision + 1, '0');
        return $"{digits[..^precision]}.{digits[^precision..]}";
    }

    /// <summary>So many leading digits, at least one, of a number that is not negative, and the power of ten of the
    /// first.</summary>
    public static (string Digits, int Exponent) Leading(double number, int count)
    {
        CheckedPrecision(count);
        if (number == 0)
            return (new string('0', count), 0);
        var exponent = (int)Math.Floor(Math.Log10(number));
        while (true)
        {
            var digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
                return (digits, exponent);
            exponent += digits.Length - count;
        }
    }

    /// <summary>The fewest digits that stand for a number that is not negative, and the power of ten of the
    /// first.</summary>
    public static (string Digits, int Exponent) Shortest(double number)
    {
        var plain = number.ToString("R", CultureInfo.InvariantCulture);
        var mark = plain.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? plain : plain[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        if (digits.Length == 0)
            return ("0", 0);
        var power = mark < 0 ? 0 : int.Parse(plain.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        return (digits, whole.Length - 1 - leading + power);
    }

    /// <summary>A number as Python's <c>repr</c> writes it.</summary>
    public static string Represent(double number)
    {
        if (!double.IsFinite(number))
            return NotFinite(number);
        var sign = double.IsNegative(number) ? "-" : "";
        var (digits, exponent) = Shortest(Math.Abs(number));
        return sign
            + (exponent is < -4 or >= 16 ? Scientific(digits, exponent) : Plain(digits, exponent, oneAfter: true));
    }

    /// <summary><c>nan</c>, <c>inf</c> or <c>-inf</c>.</summary>
    public static string NotFinite(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        return number > 0 ? "inf" : "-inf";
    }

    /// <summary>Digits with an exponent of at least two digits.</summary>
    public static string Scientific(string digits, int exponent)
    {
        var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        var power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{power}";
    }

    /// <summary>Digits with a point where it belongs.</summary>
    public static string Plain(string digits, int exponent, bool oneAfter)
    {
        if (exponent < 0)
            return $"0.{new string('0', -1 - exponent)}{digits}";
        var whole = exponent + 1;
        if (digits.Length > whole)
            return $"{digits[..whole]}.{digits[whole..]}";
        return digits.PadRight(whole, '0') + (oneAfter ? ".0" : "");
    }

    /// <summary>A number rounded to so many digits after the point, or before it if that is negative.</summary>
    public static double Round(double number, long precision)
    {
        if (!double.IsFinite(number) || precision > 400)
            return number;
        var digits = (int)Math.Max(precision, -400);
        var scaled = Scaled(Math.Abs(number), digits);
        var text = string.Create(CultureInfo.InvariantCulture, $"{scaled}E{-digits}");
        return Math.CopySign(double.Parse(text, CultureInfo.InvariantCulture), number);
    }

    /// <summary>The whole number next to a value times a power of ten.</summary>
    private static BigInteger Scaled(double number, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0)
            exponent++;
        else
            mantissa |= 1L << 52;
        exponent -= 1075;
        var top =
            new BigInteger(mantissa)
            * BigInteger.Pow(10, Math.Max(power, 0))
            * BigInteger.Pow(2, Math.Max(exponent, 0));
        var bottom = BigInteger.Pow(10, Math.Max(-power, 0)) * BigInteger.Pow(2, Math.Max(-exponent, 0));
        var quotient = BigInteger.DivRem(top, bottom, out var rest);
        var twice = (rest * 2).CompareTo(bottom);
        return twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static int CheckedPrecision(int precision) =>
        precision <= MostPrecision
            ? precision
            : throw new TemplateError($"a precision of {precision} digits is above {MostPrecision}.");
}
