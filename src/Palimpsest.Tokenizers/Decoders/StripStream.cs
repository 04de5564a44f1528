namespace Palimpsest.Tokenizers;

/// <summary>Takes a character off the start and the end of a text that comes in parts, a number of times.</summary>
internal sealed class StripStream(char content, int start, int stop) : ITokenDecoderStream
{
    private int _taken;
    private bool _begun;
    private int _held;

    /// <inheritdoc/>
    public void Add(string token, List<string> output)
    {
        var first = 0;
        while (!_begun && first < token.Length && _taken < start && token[first] == content)
            (first, _taken) = (first + 1, _taken + 1);
        if (first == token.Length)
            return;
        _begun = true;
        var text = new string(content, _held) + token[first..];
        var end = text.Length;
        while (end > 0 && text.Length - end < stop && text[end - 1] == content)
            end--;
        _held = text.Length - end;
        if (end > 0)
            output.Add(text[..end]);
    }

    /// <inheritdoc/>
    public void End(List<string> output) => _held = 0;
}
