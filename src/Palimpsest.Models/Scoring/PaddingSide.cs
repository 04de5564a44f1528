namespace Palimpsest.Models;

/// <summary>Where a batch is padded.</summary>
public enum PaddingSide
{
    /// <summary>After the tokens: scoring and training.</summary>
    Right,

    /// <summary>Before the tokens: generation.</summary>
    Left,
}
