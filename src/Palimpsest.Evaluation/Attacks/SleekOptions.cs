namespace Palimpsest.Evaluation;

/// <summary>Settings of the Sleek attack.</summary>
public sealed record SleekOptions
{
    /// <summary>Probes per fact and category, at least 1.</summary>
    public int ProbesPerCategory
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 3;

    /// <summary>Helper questions before the seed question in chains and conversations (mode B), at least 1.</summary>
    public int ChainLength
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 3;

    /// <summary>Whether the target follows instructions: questions get a wrapper, and each fact a chain in one
    /// prompt.</summary>
    public bool Instructed { get; init; }

    /// <summary>Whether decomposition, reasoning and own replies are also tried apart, six cells per fact.</summary>
    public bool FactorGrid { get; init; }

    /// <summary>Most new tokens of a reply, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 64;

    /// <summary>Most new tokens of a reply to a chain or to a request for reasoning, at least 1.</summary>
    public int MaxChainTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 256;

    /// <summary>Temperature of the replies; 0 is greedy.</summary>
    public double Temperature
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    }

    /// <summary>Further runs that are sampled (temperature 0.7, top-p 0.9), at least 0; a leak in any of them counts
    /// there.</summary>
    public int SampledRuns
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Seed of the choice of probes and of sampled replies.</summary>
    public ulong Seed { get; init; } = 1;
}
