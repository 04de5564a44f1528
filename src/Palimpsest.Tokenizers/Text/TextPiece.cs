namespace Palimpsest.Tokenizers;

/// <summary>A stretch of text on its way to the model.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="Length">UTF-16 units, at least 1.</param>
/// <param name="TokenId">The added token that it is, or −1 when the model has to split it.</param>
internal readonly record struct TextPiece(int Start, int Length, int TokenId = -1)
{
    /// <summary>One past the last unit.</summary>
    public int End => Start + Length;
}
