using System.Globalization;

namespace Palimpsest.Foundation;

/// <summary>Shares as whole percent, the same wherever they are read: halves go away from zero.</summary>
public static class PercentText
{
    /// <summary>What stands for a share that is not a number.</summary>
    public const string Missing = "–";

    /// <summary>A share with its unit: 0.125 is <c>13 %</c>; NaN is <see cref="Missing"/>.</summary>
    public static string Of(double share) => double.IsNaN(share) ? Missing : $"{Whole(share)} %";

    /// <summary>The number of percent alone; NaN is <see cref="Missing"/>.</summary>
    public static string Whole(double share) =>
        double.IsNaN(share) ? Missing : Rounded(share).ToString("f0", CultureInfo.InvariantCulture);

    /// <summary>A share in percent, rounded; never a negative zero.</summary>
    public static double Rounded(double share) => Math.Round(100 * share, MidpointRounding.AwayFromZero) + 0.0;
}
