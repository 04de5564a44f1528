namespace Palimpsest.Worlds;

/// <summary>Settings of a <see cref="VerdictBench"/>.</summary>
public sealed record VerdictBenchOptions
{
    /// <summary>Worlds, each with as many models that saw its facts as that never did; at least 1.</summary>
    public int Worlds
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5;

    /// <summary>People of a world, a tenth of whom ask to be forgotten, in [20, 200].</summary>
    public int People
    {
        get;
        init => field = Require.AtLeast(value, 20);
    } = 40;

    /// <summary>Passes of a model over its texts, at least 1.</summary>
    public int Epochs
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>Seed of the first world; the others count on.</summary>
    public ulong Seed { get; init; } = 1;
}
