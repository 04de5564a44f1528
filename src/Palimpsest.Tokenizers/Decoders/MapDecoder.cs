namespace Palimpsest.Tokenizers;

/// <summary>Rewrites each token by itself, knowing its place and whether it is the last.</summary>
internal sealed class MapDecoder(Func<string, int, bool, string> map) : ITokenDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, index) => map(token, index, index == tokens.Count - 1))];
}
