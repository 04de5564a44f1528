using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>One thing that has to hold: a margin per seed, positive when it holds, and a rule over seeds.</summary>
/// <param name="Name">The inequality in words.</param>
/// <param name="Rule">How margins are judged.</param>
/// <param name="Margin">By how much it holds for a seed; NaN when that cannot be said.</param>
public sealed record Criterion(string Name, CriterionRule Rule, Func<SeedValues, double> Margin)
{
    /// <summary>The mean over seeds is above 0.</summary>
    public static Criterion MeanAbove(string name, Func<SeedValues, double> margin) =>
        new(name, CriterionRule.MeanAbove, margin);

    /// <summary>The mean over seeds is at least 0.</summary>
    public static Criterion MeanAtLeast(string name, Func<SeedValues, double> margin) =>
        new(name, CriterionRule.MeanAtLeast, margin);

    /// <summary>At least 0 for every seed.</summary>
    public static Criterion EverySeed(string name, Func<SeedValues, double> margin) =>
        new(name, CriterionRule.EverySeed, margin);

    /// <summary>Judges the seeds.</summary>
    /// <param name="seeds">At least one.</param>
    public CriterionResult Judge(IReadOnlyList<SeedValues> seeds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(seeds.Count, nameof(seeds));
        double[] margins = [.. seeds.Select(Margin)];
        var interval =
            Rule == CriterionRule.EverySeed || margins.Length < 2 || !margins.All(double.IsFinite)
                ? (Interval?)null
                : StudentInterval.OfMean(margins);
        var (outcome, reason) = Judge(seeds, margins, interval);
        return new(Name, Rule, margins.Length, margins, margins.Average(), interval, outcome, reason);
    }

    private (Outcome Outcome, string Reason) Judge(
        IReadOnlyList<SeedValues> seeds,
        double[] margins,
        Interval? interval
    )
    {
        var missing = Array.FindIndex(margins, margin => !double.IsFinite(margin));
        if (missing >= 0)
            return (
                Outcome.Inconclusive,
                FormattableString.Invariant($"seed {seeds[missing].Seed} has no finite margin ({margins[missing]})")
            );
        if (Rule == CriterionRule.EverySeed)
        {
            var worst = Array.IndexOf(margins, margins.Min());
            var text = FormattableString.Invariant(
                $"smallest margin {margins[worst]:g4} (seed {seeds[worst].Seed}), n = {margins.Length} seeds"
            );
            return (margins[worst] >= 0 ? Outcome.Shown : Outcome.NotShown, text);
        }

        if (interval is not { } range)
            return (
                Outcome.Inconclusive,
                FormattableString.Invariant($"mean margin {margins[0]:g4}, n = 1 seed: an interval needs at least two")
            );
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"mean margin {margins.Average():g4}, 95 % interval {range.Low:g4} to {range.High:g4}, n = "
                + $"{margins.Length} seeds"
        );
        return (JudgeMean(range), numbers);
    }

    private Outcome JudgeMean(Interval range)
    {
        var strict = Rule == CriterionRule.MeanAbove;
        if (strict ? range.Low > 0 : range.Low >= 0)
            return Outcome.Shown;
        var isNotShown = strict ? range.High <= 0 : range.High < 0;
        return isNotShown ? Outcome.NotShown : Outcome.Inconclusive;
    }
}
