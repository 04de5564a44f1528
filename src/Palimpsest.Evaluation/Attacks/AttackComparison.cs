namespace Palimpsest.Evaluation;

/// <summary>What models said under the ways of an attack, a table per model, beside what they say when asked.</summary>
/// <param name="facts">How many facts there are.</param>
/// <param name="variants">The ways of the attack.</param>
internal sealed class AttackComparison(int facts, IReadOnlyList<string> variants)
{
    private const double LeastSpan = 0.05;

    private readonly int[] _all = [.. Enumerable.Range(0, facts)];

    /// <summary>Under attack, by model.</summary>
    public Dictionary<AuditRole, AttackTable> Attacked { get; } = [];

    /// <summary>Simply asked, by model; one way.</summary>
    public Dictionary<AuditRole, AttackTable> Asked { get; } = [];

    /// <summary>The best way's recovery with its interval over facts, and what there was before.</summary>
    public Recovery Recover(string test)
    {
        double Value(int[] rows) => Enumerable.Range(0, variants.Count).Max(way => Share(Attacked, way, rows));
        return new(test, Value(_all), BootstrapInterval.Of(facts, Recovery.Seed, Value), facts)
        {
            Axis = AuditAxis.Says,
            Before = Share(Asked, 0, _all),
        };
    }

    /// <summary>Every model's rate in the way that brings back most of the candidate's.</summary>
    public Dictionary<string, MeasuredLevel> Levels()
    {
        var best = Enumerable
            .Range(0, variants.Count)
            .MaxBy(way => (Share(Attacked, way, _all), OrZero(Attacked[AuditRole.Candidate].Of(way, _all))));
        return Attacked.ToDictionary(
            of => AuditContext.NameOf(of.Key),
            of => MeasuredLevel.FromRate(of.Value.Of(best, _all))
        );
    }

    /// <summary>Every model's rate in every way.</summary>
    public IReadOnlyList<VariantRates> Rates() =>
        [
            .. variants.Select(
                (variant, way) =>
                    new VariantRates(
                        variant,
                        Attacked[AuditRole.Original].Of(way, _all),
                        Attacked[AuditRole.Candidate].Of(way, _all),
                        Attacked.GetValueOrDefault(AuditRole.Retrained)?.Of(way, _all)
                    )
            ),
        ];

    private static double Share(Dictionary<AuditRole, AttackTable> tables, int way, int[] rows)
    {
        double Of(AuditRole role) => tables.TryGetValue(role, out var table) ? OrZero(table.Of(way, rows)) : 0;
        return Recovery.Share(Of(AuditRole.Candidate), Of(AuditRole.Retrained), Of(AuditRole.Original), LeastSpan);
    }

    private static double OrZero(Rate rate) => rate.N == 0 ? 0 : rate.Value;
}
