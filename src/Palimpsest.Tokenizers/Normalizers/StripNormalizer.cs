namespace Palimpsest.Tokenizers;

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        var start = left ? text.Text.Length - text.Text.AsSpan().TrimStart().Length : 0;
        var end = right ? text.Text.AsSpan().TrimEnd().Length : text.Text.Length;
        return text.Slice(start, Math.Max(0, end - start));
    }
}
