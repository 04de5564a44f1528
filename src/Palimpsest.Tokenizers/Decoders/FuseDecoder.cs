namespace Palimpsest.Tokenizers;

/// <summary>Puts all pieces together into one.</summary>
internal sealed class FuseDecoder : ITokenDecoder
{
    /// <inheritdoc/>
    public bool Fuses => true;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool fused) => new MapStream((token, _) => token);

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool fused) => part;
}
