namespace Palimpsest.Evaluation;

/// <summary>
/// Judges the metrics of an audit, the verdict among them, by models of which it is known whether they saw the facts.
/// Ren et al. 2025, arXiv:2506.09227; faithfulness and stability after Dorna et al. 2025, arXiv:2506.12618.
/// </summary>
/// <param name="Metrics">The most faithful first.</param>
/// <param name="Thresholds">What thresholds on the verdict's strongest test cost.</param>
/// <param name="Models">What it was judged by.</param>
public sealed record VerdictValidation(
    IReadOnlyList<MetricValidation> Metrics,
    IReadOnlyList<ThresholdRates> Thresholds,
    IReadOnlyList<ValidatedModel> Models
)
{
    /// <summary>The condition before any other: the same facts as the conditions that change a model.</summary>
    public const string AsItIs = "as it is";

    /// <summary>The condition in which the model's weights were rounded.</summary>
    public const string Rounded = "rounded to 4 bits";

    /// <summary>The condition in which a part of the facts was taught again and the others are measured.</summary>
    public const string Relearned = "relearned";

    /// <summary>The condition with other probes, other order of relearning.</summary>
    public const string OtherProbes = "other probes";

    private const int Seed = 1;

    /// <summary>Judges.</summary>
    /// <param name="models">At least one of either kind.</param>
    /// <param name="retrained">The retrained model of each world, by world, read as a candidate under
    /// <see cref="AsItIs"/> and <see cref="Relearned"/>.</param>
    /// <exception cref="InputException">There are no models of one kind.</exception>
    public static VerdictValidation Judge(
        IReadOnlyList<ValidatedModel> models,
        IReadOnlyDictionary<string, ValidatedModel> retrained
    )
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(retrained);
        if (models.All(model => model.SawFacts) || !models.Any(model => model.SawFacts))
            throw new InputException("A verdict is judged by models that saw the facts and by models that did not.");
        var metrics = models
            .SelectMany(model => model.Readings.Keys)
            .Distinct()
            .Select(metric => Validate(metric, models, retrained))
            .OrderByDescending(metric => metric.Auc.Value)
            .ThenBy(metric => metric.Metric, StringComparer.Ordinal);
        return new([.. metrics], [.. Enumerable.Range(1, 9).Select(tenth => RatesAt(tenth / 10.0, models))], models);
    }

    private static MetricValidation Validate(
        string metric,
        IReadOnlyList<ValidatedModel> models,
        IReadOnlyDictionary<string, ValidatedModel> retrained
    )
    {
        var under = new Dictionary<string, MeasuredLevel>();
        foreach (var condition in models.SelectMany(model => model.Under.Keys).Distinct().Where(c => c != AsItIs))
        {
            var auc = Faithfulness(metric, models, model => model.Under.GetValueOrDefault(condition));
            if (auc.N > 0)
                under[condition] = auc;
        }

        var saw = models.Where(model => model.SawFacts);
        return new(metric, Faithfulness(metric, models, model => model.Readings), under)
        {
            UnderRounding = MeanOf(
                saw.Select(model => Likeness(In(model, AsItIs, metric), In(model, Rounded, metric)))
            ),
            UnderRelearning = MeanOf(
                saw.Select(model =>
                    Likeness(
                        In(model, Relearned, metric) - In(model, AsItIs, metric),
                        retrained.TryGetValue(model.World, out var never)
                            ? In(never, Relearned, metric) - In(never, AsItIs, metric)
                            : null
                    )
                )
            ),
        };
    }

    private static MeasuredLevel Faithfulness(
        string metric,
        IReadOnlyList<ValidatedModel> models,
        Func<ValidatedModel, IReadOnlyDictionary<string, double>?> readings
    )
    {
        double[] Of(bool saw) =>
            [
                .. models
                    .Where(model => model.SawFacts == saw)
                    .Select(readings)
                    .Where(found => found is not null && found.ContainsKey(metric))
                    .Select(found => found![metric]),
            ];
        var (saw, never) = (Of(true), Of(false));
        if (saw.Length == 0 || never.Length == 0)
            return MeasuredLevel.Missing("no model of one kind was read");
        var interval = BootstrapInterval.OfSamples(
            [never.Length, saw.Length],
            Seed,
            drawn => RocAuc.Of([.. drawn[0].Select(i => never[i])], [.. drawn[1].Select(i => saw[i])])
        );
        return new(RocAuc.Of(never, saw), interval, saw.Length + never.Length);
    }

    private static double? In(ValidatedModel model, string condition, string metric) =>
        model.Under.TryGetValue(condition, out var readings) && readings.TryGetValue(metric, out var value)
            ? value
            : null;

    /// <summary>1 − |a − b| / (|a| + |b|): 1 for equal numbers, 0 for those of opposite signs.</summary>
    private static double? Likeness(double? first, double? second)
    {
        if (first is not { } a || second is not { } b)
            return null;
        var size = Math.Abs(a) + Math.Abs(b);
        return size == 0 ? 1 : 1 - Math.Abs(a - b) / size;
    }

    private static double? MeanOf(IEnumerable<double?> values)
    {
        double[] found = [.. values.OfType<double>()];
        return found.Length == 0 ? null : found.Average();
    }

    private static ThresholdRates RatesAt(double threshold, IReadOnlyList<ValidatedModel> models)
    {
        double[] Of(bool saw) =>
            [.. models.Where(model => model.SawFacts == saw).Select(model => model.Readings[MetricReadings.Verdict])];
        var (saw, never) = (Of(true), Of(false));
        return new(
            threshold,
            new(saw.Count(value => value <= threshold), saw.Length),
            new(never.Count(value => value > threshold), never.Length)
        );
    }
}
