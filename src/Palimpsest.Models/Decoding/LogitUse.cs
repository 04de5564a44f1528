namespace Palimpsest.Models;

/// <summary>What logits are for.</summary>
public enum LogitUse
{
    /// <summary>A token is chosen by them.</summary>
    Decoding,

    /// <summary>Given tokens get probabilities by them.</summary>
    Scoring,
}
