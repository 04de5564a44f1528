namespace Palimpsest.Tokenizers;

/// <summary>Rewrites each token by itself, knowing whether it is the last: one token late.</summary>
internal sealed class LastTokenStream(Func<string, bool, string> map) : ITokenDecoderStream
{
    private string? _held;

    /// <inheritdoc/>
    public void Add(string token, List<string> output)
    {
        if (_held is not null)
            output.Add(map(_held, false));
        _held = token;
    }

    /// <inheritdoc/>
    public void End(List<string> output)
    {
        if (_held is not null)
            output.Add(map(_held, true));
        _held = null;
    }
}
