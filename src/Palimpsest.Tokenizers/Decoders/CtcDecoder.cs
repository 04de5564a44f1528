namespace Palimpsest.Tokenizers;

/// <summary>Drops repeated and padding tokens, as speech models need.</summary>
internal sealed class CtcDecoder(string pad, string wordDelimiter, bool cleansUp) : ITokenDecoder
{
    /// <inheritdoc/>
    public bool Fuses => false;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var output = new List<string>();
        var stream = new Run(this);
        foreach (var token in tokens)
            stream.Add(token, output);
        return output;
    }

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool fused) => fused ? null : new Run(this);

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool fused) => null;

    private string Clean(string token)
    {
        var text = pad.Length == 0 ? token : token.Replace(pad, "", StringComparison.Ordinal);
        if (!cleansUp)
            return text;
        text = WordPieceText.CleanUp(text);
        return wordDelimiter.Length == 0 ? text : text.Replace(wordDelimiter, " ", StringComparison.Ordinal);
    }

    private sealed class Run(CtcDecoder decoder) : ITokenDecoderStream
    {
        private string? _before;

        public void Add(string token, List<string> output)
        {
            if (token == _before)
                return;
            _before = token;
            if (decoder.Clean(token) is { Length: > 0 } text)
                output.Add(text);
        }

        public void End(List<string> output) { }
    }
}
