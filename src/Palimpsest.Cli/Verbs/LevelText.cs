using System.Globalization;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>A measured share as every table writes it: <c>8 % (2–26 %, n=24)</c>.</summary>
internal static class LevelText
{
    /// <summary>The text; without interval and count where nothing was counted.</summary>
    public static string Format(MeasuredLevel level) =>
        level.N == 0 ? PercentText.Of(level.Value) : Format(level.Value, level.Interval, level.N);

    /// <summary>The same of a value with its interval and count.</summary>
    public static string Format(double value, Interval interval, int n) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{PercentText.Of(value)} ({PercentText.Whole(interval.Low)}–{PercentText.Of(interval.High)}, n={n})"
        );
}
