namespace Palimpsest.Tokenizers;

/// <summary>Puts a text before any text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) => text.Prepend(prefix);
}
