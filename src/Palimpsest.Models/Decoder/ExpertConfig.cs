namespace Palimpsest.Models;

/// <summary>Sizes of mixture-of-experts layers.</summary>
public sealed record ExpertConfig
{
    /// <summary>E.</summary>
    public required int Count
    {
        get;
        init => field = Require.AtLeast(value, 1);
    }

    /// <summary>K, the experts that a token visits.</summary>
    public required int PerToken
    {
        get;
        init => field = Require.AtLeast(value, 1);
    }

    /// <summary>Width of one expert.</summary>
    public required int IntermediateSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    }

    /// <summary>Width of the expert that every token visits; 0 when there is none.</summary>
    public int SharedIntermediateSize
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Whether the chosen experts' probabilities are made to sum to one.</summary>
    public bool NormalizeChosen { get; init; }

    /// <summary>Weight of the load-balancing loss.</summary>
    public double BalanceCoefficient { get; init; }

    /// <summary>Layers with an ordinary MLP.</summary>
    public IReadOnlyList<int> DenseLayers { get; init; } = [];
}
