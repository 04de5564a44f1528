namespace Palimpsest.Tokenizers;

/// <summary>Puts all pieces together into one.</summary>
internal sealed class FuseDecoder : ITokenDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}
