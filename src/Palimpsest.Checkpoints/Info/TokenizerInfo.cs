namespace Palimpsest.Checkpoints;

/// <summary>What a folder says about its tokenizer.</summary>
/// <param name="Kind">BPE, Unigram, WordPiece or WordLevel.</param>
/// <param name="Size">Ids, added tokens included.</param>
/// <param name="SpecialTokens">Texts of special tokens by role.</param>
/// <param name="HasChatTemplate">Whether conversations have a format.</param>
public sealed record TokenizerInfo(
    string Kind,
    int Size,
    IReadOnlyDictionary<string, string> SpecialTokens,
    bool HasChatTemplate
)
{
    /// <summary>Reads a folder's tokenizer; null when it has none.</summary>
    /// <exception cref="InputException">A file is malformed.</exception>
    public static TokenizerInfo? Read(string folder)
    {
        if (!File.Exists(Path.Combine(folder, TokenizerFiles.TokenizerName)))
            return null;
        return Of(Tokenizer.Load(folder));
    }

    /// <summary>What a tokenizer says of itself.</summary>
    internal static TokenizerInfo Of(Tokenizer tokenizer) =>
        new(tokenizer.Kind, tokenizer.VocabularySize, tokenizer.SpecialTokens, tokenizer.HasChatTemplate);
}
