namespace Palimpsest.Tokenizers;

/// <summary>One decoder after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<ITokenDecoder> parts) : ITokenDecoder
{
    /// <inheritdoc/>
    public bool Fuses => parts.Any(part => part.Fuses);

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => parts.Aggregate(tokens, (current, part) => part.Decode(current));

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool fused)
    {
        var streams = new List<ITokenDecoderStream>(parts.Count);
        foreach (var part in parts)
        {
            if (part.Stream(fused) is not { } stream)
                return null;
            streams.Add(stream);
            fused |= part.Fuses;
        }

        return new StreamChain(streams);
    }

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool fused)
    {
        TokenPart? current = part;
        foreach (var decoder in parts)
        {
            current = current is null ? null : decoder.Within(current, fused);
            fused |= decoder.Fuses;
        }

        return current;
    }
}
