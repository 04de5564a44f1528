namespace Palimpsest.Tokenizers;

/// <summary>Rewrites each token by itself, knowing its place and whether it is the last.</summary>
/// <param name="map">Token, place and whether it is the last to the new token.</param>
/// <param name="perToken">Makes the same for tokens that come one after another.</param>
/// <param name="fused">Makes the same for one token that comes in parts; null when that cannot be told.</param>
internal sealed class MapDecoder(
    Func<string, int, bool, string> map,
    Func<ITokenDecoderStream> perToken,
    Func<ITokenDecoderStream>? fused
) : ITokenDecoder
{
    /// <inheritdoc/>
    public bool Fuses => false;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, index) => map(token, index, index == tokens.Count - 1))];

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool isFused) => isFused ? fused?.Invoke() : perToken();
}
