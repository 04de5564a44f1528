using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>
/// Removal or suppression: labels a model by what tests bring back. Ren et al. 2025, arXiv:2506.09227; thresholds are
/// this
/// library's own.
/// </summary>
/// <param name="Label">The label.</param>
/// <param name="Reason">The test that decided, in one sentence.</param>
/// <param name="Behaviour">Knowledge shown when asked directly.</param>
/// <param name="Utility">
/// What was kept, as a share of the original's: the smaller of the knowledge of retained facts and the benchmark's
/// model utility.
/// </param>
/// <param name="Evidence">Every test.</param>
/// <param name="Missing">Tests that were not made; each lowers the claim.</param>
public sealed record SokVerdict(
    RemovalLabel Label,
    string Reason,
    Recovery Behaviour,
    double Utility,
    IReadOnlyList<Recovery> Evidence,
    IReadOnlyList<string> Missing
)
{
    /// <summary>Labels a model.</summary>
    /// <param name="behaviour">Recovery of the model as it is.</param>
    /// <param name="utility">What it kept, as a share of the original's.</param>
    /// <param name="evidence">Recovery by each test, at least one.</param>
    /// <param name="privLeak">Privacy leakage in percent, or null when it was not measured.</param>
    /// <param name="missing">Tests that were not made.</param>
    /// <param name="options">Thresholds.</param>
    public static SokVerdict Of(
        Recovery behaviour,
        double utility,
        IReadOnlyList<Recovery> evidence,
        double? privLeak,
        IReadOnlyList<string> missing,
        VerdictOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(behaviour);
        var strongest =
            evidence.MaxBy(test => test.Value)
            ?? throw new ArgumentException("At least one test is needed.", nameof(evidence));
        RemovalLabel At(double shown, double recovered) => LabelOf(shown, utility, recovered, privLeak, options);
        var label = At(behaviour.Value, strongest.Value);
        var others = new[]
        {
            At(behaviour.Interval.Low, strongest.Value),
            At(behaviour.Interval.High, strongest.Value),
            At(behaviour.Value, strongest.Interval.Low),
            At(behaviour.Value, strongest.Interval.High),
        }
            .Where(other => other != label)
            .Distinct()
            .ToArray();
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"Asked directly it shows {behaviour.Value:p0} of the knowledge; the strongest test, {strongest.Test}, "
                + $"brings back {strongest.Value:p0} [{strongest.Interval.Low:p0}, {strongest.Interval.High:p0}]; "
                + $"utility {utility:p0}."
        );
        if (others.Length > 0 && label != RemovalLabel.Collapsed)
        {
            reason = $"{label} by the estimates, {string.Join(" or ", others)} within their intervals. {reason}";
            label = RemovalLabel.Inconclusive;
        }

        return new(label, reason, behaviour, utility, evidence, missing);
    }

    private static RemovalLabel LabelOf(
        double shown,
        double utility,
        double recovered,
        double? privLeak,
        VerdictOptions options
    ) =>
        utility < options.LeastUtility ? RemovalLabel.Collapsed
        : shown > options.HighRecovery ? RemovalLabel.NotForgotten
        : recovered >= options.HighRecovery ? RemovalLabel.Suppressed
        : recovered > options.LowRecovery ? RemovalLabel.Mixed
        : privLeak is { } leak && Math.Abs(leak) > options.MostPrivLeak ? RemovalLabel.Overshoot
        : RemovalLabel.RemovalConsistent;
}
