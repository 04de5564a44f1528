namespace Palimpsest.Tokenizers;

/// <summary>Drops repeated and padding tokens, as speech models need.</summary>
internal sealed class CtcDecoder(string pad, string wordDelimiter, bool cleansUp) : ITokenDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var output = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
                continue;
            var text = pad.Length == 0 ? tokens[i] : tokens[i].Replace(pad, "", StringComparison.Ordinal);
            if (cleansUp)
            {
                text = WordPieceText.CleanUp(text);
                text = wordDelimiter.Length == 0 ? text : text.Replace(wordDelimiter, " ", StringComparison.Ordinal);
            }

            if (text.Length > 0)
                output.Add(text);
        }

        return output;
    }
}
