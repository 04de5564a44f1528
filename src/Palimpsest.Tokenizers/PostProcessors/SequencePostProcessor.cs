namespace Palimpsest.Tokenizers;

/// <summary>One post-processor after the other.</summary>
internal sealed class SequencePostProcessor(IReadOnlyList<IPostProcessor> parts) : IPostProcessor
{
    /// <inheritdoc/>
    public List<EncodedToken> Process(List<EncodedToken> tokens, bool addSpecialTokens) =>
        parts.Aggregate(tokens, (current, part) => part.Process(current, addSpecialTokens));
}
