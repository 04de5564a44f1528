namespace Palimpsest.Tokenizers;

/// <summary>How WordPiece joins its tokens.</summary>
internal static class WordPieceText
{
    /// <summary>Takes out blanks before punctuation and English contractions.</summary>
    public static string CleanUp(string text) => Tokenizer.CleanUpSpaces(text, joinsDoNot: true);

    /// <summary>A token with the blank that belongs before it, or glued on where it continues a word.</summary>
    public static string Join(string token, int index, string prefix, bool cleansUp)
    {
        if (index > 0)
            token =
                prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal)
                    ? token[prefix.Length..]
                    : " " + token;
        return cleansUp ? CleanUp(token) : token;
    }
}
