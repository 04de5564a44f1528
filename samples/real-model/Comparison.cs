using System.Globalization;

namespace Palimpsest.Samples;

/// <summary>One measured rate before and after.</summary>
/// <param name="Set">What was asked about.</param>
/// <param name="Measure">How.</param>
/// <param name="Before">The original.</param>
/// <param name="After">The model that was made to forget.</param>
/// <param name="Chance">A guess's rate; NaN where there is none.</param>
internal sealed record Comparison(string Set, string Measure, Rate Before, Rate After, double Chance)
{
    private static readonly (FactScope Scope, string Set)[] Sets =
    [
        (FactScope.Forget, "Harry Potter"),
        (FactScope.Retain, "neighbours"),
        (FactScope.Irrelevant, "general knowledge"),
    ];

    /// <summary>Every rate of two measurements, the set to be forgotten first.</summary>
    public static IReadOnlyList<Comparison> Of(Measurement before, Measurement after)
    {
        return
        [
            .. Sets.SelectMany(set =>
                Rows(set.Set, ChoiceQuestion.Name(set.Scope), "")
                    .Concat(Rows(set.Set, ChoiceQuestion.Rephrased(ChoiceQuestion.Name(set.Scope)), ", other words"))
            ),
        ];

        Comparison[] Rows(string set, string group, string words) =>
            [
                new(
                    set,
                    $"choice{words}",
                    before.Choice.Accuracy[group],
                    after.Choice.Accuracy[group],
                    before.Choice.Chance[group]
                ),
                new(
                    set,
                    $"free answer{words}",
                    before.Recall.Accuracy[group],
                    after.Recall.Accuracy[group],
                    double.NaN
                ),
            ];
    }

    /// <summary>A rate with its interval in percent and its counts.</summary>
    public static string Text(Rate rate) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{PercentText.Of(rate.Value)} [{PercentText.Whole(rate.Interval.Low)}, "
                + $"{PercentText.Whole(rate.Interval.High)}], {rate.Hits} of "
                + $"{rate.N}"
        );
}
