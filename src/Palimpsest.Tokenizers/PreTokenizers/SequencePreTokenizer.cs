namespace Palimpsest.Tokenizers;

/// <summary>One pre-tokenizer after the other.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> parts) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Apply(PieceText text)
    {
        foreach (var part in parts)
            part.Apply(text);
    }
}
