namespace Palimpsest.Tokenizers;

/// <summary>Replaces every occurrence of a text in one that comes in parts.</summary>
internal sealed class ReplaceStream(string sought, string content) : ITokenDecoderStream
{
    private string _held = "";

    /// <inheritdoc/>
    public void Add(string token, List<string> output)
    {
        var all = _held + token;
        var done = 0;
        for (
            var found = all.IndexOf(sought, StringComparison.Ordinal);
            found >= 0;
            found = all.IndexOf(sought, done, StringComparison.Ordinal)
        )
        {
            output.Add(all[done..found]);
            output.Add(content);
            done = found + sought.Length;
        }

        var end = all.Length - TextOverlap.Length(all.AsSpan(done), sought);
        if (end > done)
            output.Add(all[done..end]);
        _held = all[end..];
    }

    /// <inheritdoc/>
    public void End(List<string> output)
    {
        if (_held.Length > 0)
            output.Add(_held);
        _held = "";
    }
}
