namespace Palimpsest.Models;

/// <summary>How token losses become one value.</summary>
public enum LossReduction
{
    /// <summary>Mean over the tokens that count.</summary>
    TokenMean,

    /// <summary>Sum over the tokens that count.</summary>
    Sum,

    /// <summary>One value per token, 0 where the token does not count.</summary>
    None,
}
