using System.Globalization;

namespace Palimpsest.Tokenizers;

/// <summary>Filters of numbers.</summary>
internal static class TemplateNumberFilters
{
    private static readonly string[] SizeUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

    public static IReadOnlyList<(string Names, string Signature, Func<TemplateCall, object?> Body)> All { get; } =
    [
        ("abs", "", c => Absolute(c.Target)),
        ("int", "default? base?", c => ToInteger(c.Target, c.Or(0, 0L), c.Whole(1, 10))),
        ("float", "default?", c => ToNumber(c.Target) is { } number ? number : c.Or(0, 0.0)),
        ("round", "precision? method?", c => Round(c.Target, c.Whole(0, 0), c.Has(1) ? c.Word(1) : "common")),
        ("filesizeformat", "binary?", c => FileSize(c.Target, c.Flag(0))),
    ];

    private static object Absolute(object? value) =>
        value switch
        {
            double number => (object)Math.Abs(number),
            long or bool when TemplateValue.Whole(value) is > long.MinValue and var whole => Math.Abs(whole),
            _ => throw TemplateValue.Wrong("take abs of", value),
        };

    private static object? ToInteger(object? value, object? absent, long numberBase)
    {
        if (TemplateValue.AsText(value) is { } text)
        {
            if (numberBase is not (0 or (>= 2 and <= 36)))
                return TruncatedOr(TemplateNumbers.ParseReal(text), absent);
            return TemplateNumbers.ParseWhole(text, (int)numberBase) is { } whole
                ? whole
                : TruncatedOr(TemplateNumbers.ParseReal(text), absent);
        }

        return value switch
        {
            long or bool => TemplateValue.Whole(value),
            double number when double.IsInfinity(number) => throw TemplateValue.Wrong("take as a whole number", value),
            double number => TruncatedOr(number, absent),
            Undefined missing => throw TemplateValue.Missing(missing),
            _ => absent,
        };
    }

    private static object? TruncatedOr(double? number, object? absent)
    {
        if (number is not { } given || !double.IsFinite(given))
            return absent;
        return Math.Abs(given) < 9.2e18
            ? (long)given
            : throw new TemplateError($"{TemplateDigits.Represent(given)} as a whole number is too large.");
    }

    private static double? ToNumber(object? value)
    {
        if (value is Undefined missing)
            throw TemplateValue.Missing(missing);
        return TemplateValue.AsText(value) is { } text ? TemplateNumbers.ParseReal(text) : TemplateValue.Number(value);
    }

    private static object Round(object? value, long precision, string method)
    {
        if (TemplateValue.Number(value) is not { } number)
            throw TemplateValue.Wrong("round", value);
        switch (method)
        {
            case "common":
                if (value is double)
                    return TemplateDigits.Round(number, precision);
                return RoundWhole(TemplateValue.Whole(value), precision);
            case "ceil" or "floor":
                if (precision is < -300 or > 300)
                    throw new TemplateError($"round takes a precision of at most 300 digits with '{method}'.");
                var scale = Math.Pow(10, Math.Abs(precision));
                var scaled = precision < 0 ? number / scale : number * scale;
                var whole = method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled);
                return precision < 0 ? whole * scale : whole / scale;
            default:
                throw new TemplateError("round's method is 'common', 'ceil' or 'floor'.");
        }
    }

    private static long RoundWhole(long whole, long precision)
    {
        if (precision >= 0)
            return whole;
        if (precision < -19)
            return 0;
        var unit = Enumerable.Repeat((Int128)10, (int)-precision).Aggregate((Int128)1, (product, ten) => product * ten);
        var magnitude = whole < 0 ? -(Int128)whole : whole;
        var (quotient, rest) = (magnitude / unit, magnitude % unit);
        if (rest * 2 > unit || (rest * 2 == unit && quotient % 2 == 1))
            quotient++;
        var rounded = quotient * unit * (whole < 0 ? -1 : 1);
        return rounded >= long.MinValue && rounded <= long.MaxValue
            ? (long)rounded
            : throw new TemplateError($"{whole} rounded is too large.");
    }

    private static string FileSize(object? value, bool isBinary)
    {
        if (ToNumber(value) is not double size || !double.IsFinite(size))
            throw TemplateValue.Wrong("take as a size", value);
        var unit = isBinary ? 1024.0 : 1000.0;
        if (size == 1)
            return "1 Byte";
        if (size < unit)
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Truncate(size) + 0.0:F0} Bytes");
        var power = 1;
        while (power < SizeUnits.Length - 1 && size >= Math.Pow(unit, power + 1))
            power++;
        var name = isBinary ? $"{char.ToUpperInvariant(SizeUnits[power][0])}iB" : SizeUnits[power];
        return $"{TemplateDigits.Fixed(unit * size / Math.Pow(unit, power + 1), 1)} {name}";
    }
}
