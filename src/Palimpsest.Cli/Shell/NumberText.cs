using System.Globalization;
using System.Numerics;

namespace Palimpsest.Cli;

/// <summary>Numbers as they are typed: invariant, finite, without group separators.</summary>
internal static class NumberText
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    private const NumberStyles Any = Whole | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>True for a text such as <c>-0.5</c> or <c>3e-4</c>; <c>1,5</c>, <c>NaN</c> and spaces are
    /// none.</summary>
    public static bool TryParse(string text, out double value) =>
        double.TryParse(text, Any, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>A whole number of digits alone, with a sign perhaps.</summary>
    /// <exception cref="FormatException">The text is something else; the message goes after the text and says what is
    /// allowed.</exception>
    public static T Parse<T>(string text)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.TryParse(text, Whole, CultureInfo.InvariantCulture, out var value))
            return value;
        var range = T.IsNegative(T.MinValue) ? $"up to {T.MaxValue}" : $"from {T.MinValue} to {T.MaxValue}";
        throw new FormatException(
            BigInteger.TryParse(text, Whole, CultureInfo.InvariantCulture, out _)
                ? $"is out of range; allowed are whole numbers {range}"
                : $"is not a whole number; allowed are those {range}"
        );
    }

    /// <summary>A number.</summary>
    /// <exception cref="FormatException">The text is something else; the message goes after the text and says what is
    /// allowed.</exception>
    public static double Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException("is not a number such as 0.5 or 3e-4");
}
