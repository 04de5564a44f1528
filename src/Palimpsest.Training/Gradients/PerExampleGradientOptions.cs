namespace Palimpsest.Training;

/// <summary>Settings of <see cref="PerExampleGradients"/>.</summary>
public sealed record PerExampleGradientOptions
{
    /// <summary>Largest gradient norm C of one example, in (0, 1e9].</summary>
    public double ClipNorm
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1e9);
    } = 1;

    /// <summary>Noise multiplier σ: the noise on the sum has the standard deviation σ·C; 0 adds none.</summary>
    public double NoiseMultiplier
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1e6);
    } = 1;

    /// <summary>Expected examples B of a step, by which the sum is divided whatever was drawn: sampling rate times
    /// rows, above 0.</summary>
    public double ExpectedRows
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1e9);
    } = 16;

    /// <summary>Seed of the noise.</summary>
    public ulong Seed { get; init; }
}
