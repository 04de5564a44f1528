namespace Palimpsest.Reproductions;

/// <summary>How a criterion came out.</summary>
/// <param name="Name">The inequality in words.</param>
/// <param name="Rule">How margins were judged.</param>
/// <param name="Seeds">How many seeds.</param>
/// <param name="Margins">By how much it holds for each seed; negative where it does not.</param>
/// <param name="MeanMargin">Their mean.</param>
/// <param name="Interval">The mean's 95 % interval; null where the rule needs none or it cannot be computed.</param>
/// <param name="Outcome">What that says.</param>
/// <param name="Reason">The numbers that decided.</param>
public sealed record CriterionResult(
    string Name,
    CriterionRule Rule,
    int Seeds,
    IReadOnlyList<double> Margins,
    double MeanMargin,
    [property: WhenMissing("the rule needs none, or it cannot be computed")] Interval? Interval,
    Outcome Outcome,
    string Reason
);
