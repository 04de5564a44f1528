namespace Palimpsest.Evaluation;

/// <summary>What one metric says of one row; what it does not say is null.</summary>
public sealed record TofuItem
{
    /// <summary>The score, for metrics with one.</summary>
    public double? Score { get; init; }

    /// <summary>Probability e^(−mean NLL) of each answer, in (0, 1].</summary>
    public IReadOnlyList<double>? Probabilities { get; init; }

    /// <summary>Mean NLL of each answer in nats.</summary>
    public IReadOnlyList<double>? Losses { get; init; }

    /// <summary>ROUGE-1 recall, in [0, 1].</summary>
    public double? Rouge1Recall { get; init; }

    /// <summary>ROUGE-L F1, in [0, 1].</summary>
    public double? RougeLF1 { get; init; }

    /// <summary>ROUGE-L recall, in [0, 1].</summary>
    public double? RougeLRecall { get; init; }

    /// <summary>The question.</summary>
    public string? Input { get; init; }

    /// <summary>The answer in the data.</summary>
    public string? GroundTruth { get; init; }

    /// <summary>The model's answer.</summary>
    public string? Generation { get; init; }
}
