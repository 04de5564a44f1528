using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>
/// Removal or suppression: labels a model by what it says and by what tests find that it still holds. Ren et al. 2025,
/// arXiv:2506.09227; thresholds are this library's own.
/// </summary>
/// <param name="Label">The label.</param>
/// <param name="Reason">What decided, in one sentence.</param>
/// <param name="Says">Forgotten knowledge that its replies state when it is asked.</param>
/// <param name="Utility">What was kept, as a share of the original's; the smallest that any test measured.</param>
/// <param name="Evidence">Every test that looked for forgotten knowledge, on either axis.</param>
/// <param name="Missing">Tests that were not made; each lowers the claim.</param>
public sealed record SokVerdict(
    RemovalLabel Label,
    string Reason,
    Recovery Says,
    MeasuredLevel Utility,
    IReadOnlyList<Recovery> Evidence,
    IReadOnlyList<string> Missing
)
{
    /// <summary>The test that found most; of equals the one with the higher lower end, then the first by
    /// name.</summary>
    public Recovery Strongest => StrongestOf(Evidence);

    /// <summary>Labels a model.</summary>
    /// <param name="says">What its replies state when it is asked.</param>
    /// <param name="utility">What it kept, as a share of the original's; <see cref="MeasuredLevel.Missing"/> where no
    /// test says, which counts as all of it.</param>
    /// <param name="evidence">Recovery by each test, at least one.</param>
    /// <param name="privLeak">Privacy leakage in percent, or null when it was not measured.</param>
    /// <param name="missing">Tests that were not made.</param>
    /// <param name="options">Thresholds.</param>
    /// <exception cref="ArgumentException">There is no evidence.</exception>
    public static SokVerdict Of(
        Recovery says,
        MeasuredLevel utility,
        IReadOnlyList<Recovery> evidence,
        double? privLeak,
        IReadOnlyList<string> missing,
        VerdictOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(says);
        ArgumentNullException.ThrowIfNull(utility);
        ArgumentNullException.ThrowIfNull(evidence);
        var strongest = StrongestOf(evidence);
        RemovalLabel At(double said, double found) => LabelOf(said, utility.Value, found, privLeak, options);
        var label = At(says.Value, strongest.Value);
        var others = new[]
        {
            At(says.Interval.Low, strongest.Value),
            At(says.Interval.High, strongest.Value),
            At(says.Value, strongest.Interval.Low),
            At(says.Value, strongest.Interval.High),
        }
            .Where(other => other != label)
            .Distinct()
            .ToArray();
        var reason = ReasonOf(says, strongest, utility.Value) + LeakOf(label, privLeak);
        if (others.Length > 0 && label != RemovalLabel.Collapsed)
        {
            var within = string.Join(" or ", others.Select(RemovalLabels.NameOf));
            reason = $"By the estimates {RemovalLabels.NameOf(label)}, within their intervals {within}. {reason}";
            label = RemovalLabel.Inconclusive;
        }

        return new(label, reason, says, utility, evidence, missing);
    }

    private static Recovery StrongestOf(IReadOnlyList<Recovery> evidence) =>
        evidence.Count == 0
            ? throw new ArgumentException("At least one test is needed.", nameof(evidence))
            : evidence
                .OrderByDescending(test => test.Value)
                .ThenByDescending(test => test.Interval.Low)
                .ThenBy(test => test.Test, StringComparer.Ordinal)
                .First();

    private static string ReasonOf(Recovery says, Recovery strongest, double utility)
    {
        var finds = strongest.Axis == AuditAxis.Says ? "gets it to say" : "finds that it still holds";
        var gain = strongest.Before is { } before ? $", {PercentText.Of(before)} before it" : "";
        var kept = double.IsNaN(utility)
            ? "what it kept was not measured"
            : $"it kept {PercentText.Of(utility)} of the rest";
        var (low, high) = (PercentText.Of(strongest.Interval.Low), PercentText.Of(strongest.Interval.High));
        return $"Asked, it says {PercentText.Of(says.Value)} of what was to be forgotten; the strongest test, "
            + $"{strongest.Test}, {finds} {PercentText.Of(strongest.Value)} [{low}, {high}]{gain}; {kept}.";
    }

    // Of all labels only this one is decided by what is not in the sentence above.
    private static string LeakOf(RemovalLabel label, double? privLeak) =>
        label == RemovalLabel.Overshoot
            ? string.Create(CultureInfo.InvariantCulture, $" Its privacy leakage of {privLeak:f0} % gives it away.")
            : "";

    private static RemovalLabel LabelOf(
        double said,
        double utility,
        double found,
        double? privLeak,
        VerdictOptions options
    )
    {
        if (utility < options.LeastUtility)
            return RemovalLabel.Collapsed;
        if (said > options.HighRecovery)
            return RemovalLabel.NotForgotten;
        if (found >= options.HighRecovery)
            return RemovalLabel.Suppressed;
        if (Math.Max(found, said) > options.LowRecovery)
            return RemovalLabel.Mixed;
        return privLeak is { } leak && Math.Abs(leak) > options.MostPrivLeak
            ? RemovalLabel.Overshoot
            : RemovalLabel.RemovalConsistent;
    }
}
