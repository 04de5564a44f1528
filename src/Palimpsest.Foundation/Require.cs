using System.Numerics;
using System.Runtime.CompilerServices;

namespace Palimpsest.Foundation;

/// <summary>Checks of option values; the error has the field, the value and the range.</summary>
public static class Require
{
    /// <summary>Returns the value if above &lt; value ≤ atMost; refuses NaN.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside.</exception>
    public static double InRange(
        double value,
        double? above = null,
        double? atLeast = null,
        double atMost = double.MaxValue,
        [CallerMemberName] string name = ""
    )
    {
        var isHighEnough = above is { } open ? value > open : value >= (atLeast ?? double.MinValue);
        if (isHighEnough && value <= atMost)
            return value;
        var low = above is null
            ? FormattableString.Invariant($">= {atLeast}")
            : FormattableString.Invariant($"> {above}");
        throw new ArgumentOutOfRangeException(
            name,
            value,
            FormattableString.Invariant($"{name} must be {low} and <= {atMost}.")
        );
    }

    /// <summary>Returns the value if it is at least <paramref name="least"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below.</exception>
    public static T AtLeast<T>(T value, T least, [CallerMemberName] string name = "")
        where T : INumber<T> =>
        value >= least
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                value,
                FormattableString.Invariant($"{name} must be >= {least}.")
            );
}
