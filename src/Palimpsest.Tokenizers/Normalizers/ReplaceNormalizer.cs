namespace Palimpsest.Tokenizers;

/// <summary>Replaces every match of a pattern.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) => pattern.Replace(text, content);
}
