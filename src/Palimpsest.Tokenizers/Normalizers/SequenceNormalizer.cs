namespace Palimpsest.Tokenizers;

/// <summary>One normalizer after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> parts) : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) => parts.Aggregate(text, (current, part) => part.Normalize(current));
}
