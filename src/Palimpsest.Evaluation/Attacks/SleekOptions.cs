namespace Palimpsest.Evaluation;

/// <summary>Settings of the Sleek attack.</summary>
public sealed record SleekOptions
{
    /// <summary>Probes per fact and category, at least 1.</summary>
    public int ProbesPerCategory { get; init => field = Require.AtLeast(value, 1); } = 3;

    /// <summary>Questions before the seed question in the reasoned chain (mode B), at least 1.</summary>
    public int ChainLength { get; init => field = Require.AtLeast(value, 1); } = 3;

    /// <summary>Most new tokens of a reply, at least 1.</summary>
    public int MaxNewTokens { get; init => field = Require.AtLeast(value, 1); } = 64;

    /// <summary>Temperature of the replies; 0 is greedy.</summary>
    public double Temperature { get; init => field = Require.InRange(value, atLeast: 0, atMost: 100); }

    /// <summary>Seed of the choice of probes and of sampled replies.</summary>
    public ulong Seed { get; init; } = 1;
}
