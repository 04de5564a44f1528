namespace Palimpsest.Models;

/// <summary>Settings of scaled rotary frequencies; which ones matter depends on <see cref="Kind"/>.</summary>
public sealed record RopeScaling
{
    /// <summary>The rule.</summary>
    public required RopeScalingKind Kind { get; init; }

    /// <summary>Ratio of the new context length to the old, at least 1.</summary>
    public double Factor
    {
        get;
        init => field = Require.InRange(value, atLeast: 1, atMost: 1e6);
    } = 1;

    /// <summary>Positions of pre-training; null where the model's own are meant.</summary>
    public int? OriginalMaxPositions { get; init; }

    /// <summary>llama3: wavelengths above original / this are divided by the factor.</summary>
    public double LowFrequencyFactor
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 1;

    /// <summary>llama3: wavelengths below original / this are kept.</summary>
    public double HighFrequencyFactor
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 4;

    /// <summary>yarn: rotations per context above which frequencies are kept.</summary>
    public double BetaFast
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 32;

    /// <summary>yarn: rotations per context below which frequencies are divided.</summary>
    public double BetaSlow
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 1;

    /// <summary>yarn: numerator of the attention scale, or null.</summary>
    public double? MScale { get; init; }

    /// <summary>yarn: denominator of the attention scale, or null.</summary>
    public double? MScaleAllDimensions { get; init; }

    /// <summary>yarn: whether the bounds of the ramp are rounded outwards.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>yarn, longrope: scale of cosines and sines, or null for the rule's own.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>longrope: divisors up to the original length.</summary>
    public IReadOnlyList<double> ShortFactors { get; init; } = [];

    /// <summary>longrope: divisors beyond it.</summary>
    public IReadOnlyList<double> LongFactors { get; init; } = [];
}
