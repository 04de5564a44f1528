namespace Palimpsest.Models;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum PoolingMode
{
    /// <summary>The first token's.</summary>
    First,

    /// <summary>The largest value of each dimension.</summary>
    Max,

    /// <summary>The mean of the real tokens.</summary>
    Mean,

    /// <summary>Their sum divided by the square root of their number.</summary>
    MeanSqrtLength,

    /// <summary>The last real token's.</summary>
    Last,
}
