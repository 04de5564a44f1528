namespace Palimpsest.Tokenizers;

/// <summary>Takes the blanks that byte-level tokens carry out of their spans.</summary>
internal sealed class TrimPostProcessor(bool addPrefixSpace, Func<int, string> tokenOf) : IPostProcessor
{
    private static readonly char Blank = ByteAlphabet.CharOf((byte)' ');

    /// <inheritdoc/>
    public List<EncodedToken> Process(List<EncodedToken> tokens, bool addSpecialTokens)
    {
        for (var i = 0; i < tokens.Count; i++)
            tokens[i] = Trim(tokens[i], i == 0);
        return tokens;
    }

    private EncodedToken Trim(EncodedToken token, bool isFirst)
    {
        var text = token.Surface ?? tokenOf(token.Id);
        var leading = text.TakeWhile(IsBlank).Count();
        var trailing = text.Reverse().TakeWhile(IsBlank).Count();
        var (start, end) = (token.Start, token.End);
        if (leading > 0)
        {
            if (addPrefixSpace && (isFirst || start == 0))
                leading--;
            start = Math.Min(start + leading, end);
        }

        if (trailing > 0 && end >= trailing)
            end = Math.Max(end - trailing, start);
        return token with { Start = start, End = end };
    }

    private static bool IsBlank(char character) => character == Blank || char.IsWhiteSpace(character);
}
