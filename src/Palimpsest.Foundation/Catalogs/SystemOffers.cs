namespace Palimpsest.Foundation;

/// <summary>What a published system is here for.</summary>
[Flags]
public enum SystemOffers
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A way to make a model forget.</summary>
    Method = 1,

    /// <summary>A measurement with its own data layout and scores.</summary>
    Benchmark = 2,

    /// <summary>A way to get erased knowledge back.</summary>
    Attack = 4,

    /// <summary>A label from evidence.</summary>
    Verdict = 8,

    /// <summary>A training loss.</summary>
    Loss = 16,

    /// <summary>Weights beside a model's own.</summary>
    Adapter = 32,

    /// <summary>A runnable claim of its paper.</summary>
    Reproduction = 64,

    /// <summary>A choice of what a key-value cache holds.</summary>
    CachePolicy = 128,

    /// <summary>A change of a model's weights, which attacks and commands make.</summary>
    Transform = 256,
}
