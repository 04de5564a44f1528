namespace Palimpsest.Tokenizers;

/// <summary>Rewrites each token by itself, knowing its place.</summary>
internal sealed class MapStream(Func<string, int, string> map) : ITokenDecoderStream
{
    private int _index;

    /// <inheritdoc/>
    public void Add(string token, List<string> output) => output.Add(map(token, _index++));

    /// <inheritdoc/>
    public void End(List<string> output) { }
}
