namespace Palimpsest.Evaluation;

/// <summary>A model of which it is known by construction whether it saw the facts, and what audits read of
/// it.</summary>
public sealed record ValidatedModel
{
    /// <summary>The group of models that share facts, an original and a retrained model.</summary>
    public required string World { get; init; }

    /// <summary>What was done to the model after its training.</summary>
    public required string Treatment { get; init; }

    /// <summary>True when it was trained on the facts, whatever was done to it afterwards.</summary>
    public required bool SawFacts { get; init; }

    /// <summary>The verdict's label.</summary>
    public required string Label { get; init; }

    /// <summary>What each metric read, by name; see <see cref="MetricReadings"/>.</summary>
    public required IReadOnlyDictionary<string, double> Readings { get; init; }

    /// <summary>The same under other conditions, by condition and name; a condition may leave metrics out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Under { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, double>>();
}
