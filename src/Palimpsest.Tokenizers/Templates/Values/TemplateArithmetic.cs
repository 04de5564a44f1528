using System.Numerics;

namespace Palimpsest.Tokenizers;

/// <summary>Python's operators on template values.</summary>
internal static class TemplateArithmetic
{
    public static object? Apply(string sign, object? a, object? b)
    {
        if (sign == "~")
            return Joined(TemplateValue.Show(a), TemplateValue.Show(b));
        if ((a as Undefined ?? b as Undefined) is { } missing)
            throw TemplateValue.Missing(missing);
        if (sign == "%" && TemplateValue.AsText(a) is { } format)
            return TemplateValue.Like(a, TemplatePercent.Fill(format, b, escapes: a is TemplateMarkup));
        if (TemplateValue.Number(a) is not null && TemplateValue.Number(b) is not null)
            return OnNumbers(sign, a, b);
        var result = sign switch
        {
            "+" => Sum(a, b),
            "*" => Times(a, b) ?? Times(b, a),
            _ => null,
        };
        return result
            ?? throw new TemplateError(
                $"cannot apply '{sign}' to {TemplateValue.Kind(a)} and {TemplateValue.Kind(b)}."
            );
    }

    /// <summary>The number with the other sign.</summary>
    public static object Negate(object? value) =>
        value switch
        {
            double number => -number,
            long or bool => OnWhole("-", 0, TemplateValue.Whole(value)),
            _ => throw TemplateValue.Wrong("negate", value),
        };

    /// <summary>The number as it is.</summary>
    public static object Plus(object? value) =>
        value switch
        {
            double number => (object)number,
            long or bool => TemplateValue.Whole(value),
            _ => throw TemplateValue.Wrong("take as a number", value),
        };

    private static object? Sum(object? a, object? b)
    {
        if (TemplateValue.AsText(a) is { } left && TemplateValue.AsText(b) is { } right)
        {
            return a is TemplateMarkup || b is TemplateMarkup
                ? new TemplateMarkup(Joined(TemplateHtml.Escaped(a).Text, TemplateHtml.Escaped(b).Text))
                : Joined(left, right);
        }

        if (a is not List<object?> first || b is not List<object?> second || a is TemplateTuple != b is TemplateTuple)
            return null;
        TemplateRun.CheckLength(first.Count + (long)second.Count);
        return a is TemplateTuple ? new TemplateTuple(first.Concat(second)) : first.Concat(second).ToList();
    }

    private static object? Times(object? a, object? b)
    {
        if (b is not (long or bool))
            return null;
        var times = TemplateValue.Whole(b);
        if (TemplateValue.AsText(a) is { } text)
            return TemplateValue.Like(a, TemplateText.Repeat(text, times));
        if (a is not List<object?> items)
            return null;
        var count = (int)Math.Clamp(times, 0, items.Count == 0 ? 0 : ChatTemplate.MostCharacters + 1L);
        TemplateRun.CheckLength((long)items.Count * count);
        var repeated = Enumerable.Repeat(items, count).SelectMany(part => part);
        return a is TemplateTuple ? new TemplateTuple(repeated) : repeated.ToList();
    }

    private static string Joined(string a, string b)
    {
        TemplateRun.CheckLength(a.Length + (long)b.Length);
        return a + b;
    }

    private static object OnNumbers(string sign, object? a, object? b)
    {
        if (sign is "/" or "//" or "%" && TemplateValue.Number(b) == 0)
            throw new TemplateError("division by zero.");
        if (a is double || b is double)
            return OnReal(sign, (double)TemplateValue.Number(a)!, (double)TemplateValue.Number(b)!);
        return OnWhole(sign, TemplateValue.Whole(a), TemplateValue.Whole(b));
    }

    private static object OnWhole(string sign, long m, long n)
    {
        if (sign == "/")
            return Quotient(m, n);
        if (sign == "**" && n < 0)
            return OnReal(sign, m, n);
        var (quotient, rest) = sign is "//" or "%" ? BigInteger.DivRem(m, n) : default;
        var isBelow = !rest.IsZero && rest.Sign != Math.Sign(n);
        var result = sign switch
        {
            "+" => (BigInteger)m + n,
            "-" => (BigInteger)m - n,
            "*" => (BigInteger)m * n,
            "//" => quotient - (isBelow ? 1 : 0),
            "%" => rest + (isBelow ? n : 0),
            _ => Power(m, n),
        };
        return result >= long.MinValue && result <= long.MaxValue
            ? (long)result
            : throw new TemplateError($"{m} {sign} {n} is too large.");
    }

    private static BigInteger Power(long m, long n)
    {
        if (n <= 64)
            return BigInteger.Pow(m, (int)n);
        return Int128.Abs(m) <= 1
            ? BigInteger.Pow(m, 2 - (int)(n % 2)) // of -1, 0 and 1 only the parity counts
            : throw new TemplateError($"{m} ** {n} is too large.");
    }

    /// <summary>The quotient rounded once, which numbers above 2^53 need care for.</summary>
    private static double Quotient(long m, long n)
    {
        const long exact = 1L << 53;
        if (m is >= -exact and <= exact && n is >= -exact and <= exact)
            return (double)m / n;
        throw new TemplateError($"{m} / {n} has numbers above 2 ** 53.");
    }

    private static double OnReal(string sign, double x, double y) =>
        sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Whole(x, y).Quotient,
            "%" => Whole(x, y).Remainder,
            _ => Power(x, y),
        };

    private static double Power(double x, double y)
    {
        if (x == 0 && y < 0)
            throw new TemplateError("zero has no negative power.");
        var power = Math.Pow(x, y);
        if (double.IsNaN(power) && !double.IsNaN(x) && !double.IsNaN(y))
            throw new TemplateError("the power is not a real number.");
        return double.IsInfinity(power) && double.IsFinite(x) && double.IsFinite(y)
            ? throw new TemplateError("the power is too large.")
            : power;
    }

    /// <summary>The whole quotient and what is left, which has the divisor's sign.</summary>
    private static (double Quotient, double Remainder) Whole(double x, double y)
    {
        var rest = x % y;
        var quotient = (x - rest) / y;
        if (rest == 0)
            rest = Math.CopySign(0, y);
        else if (rest < 0 != y < 0)
            (rest, quotient) = (rest + y, quotient - 1);
        if (quotient == 0)
            return (Math.CopySign(0, x / y), rest);
        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, rest);
    }
}
