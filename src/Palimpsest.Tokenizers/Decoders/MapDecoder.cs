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
    /// <summary>What the map does to a part within a fused text; null where that depends on its neighbours.</summary>
    public Func<string, string>? WithinFused { get; init; }

    /// <summary>Whether the map treats all tokens between the first and the last alike.</summary>
    public bool IsUniform { get; init; } = true;

    /// <inheritdoc/>
    public bool Fuses => false;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, index) => map(token, index, index == tokens.Count - 1))];

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool isFused) => isFused ? fused?.Invoke() : perToken();

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool isFused)
    {
        if (!isFused)
            return IsUniform ? part.Map(token => map(token, 1, false)) : null;
        return WithinFused is null ? null : part.Map(WithinFused);
    }
}
