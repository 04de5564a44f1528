namespace Palimpsest.Tokenizers;

/// <summary>Settings of the tokenizer trainer.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Ids in all, special tokens and the 256 bytes included; at least 261.</summary>
    public int VocabularySize
    {
        get;
        init => field = Require.AtLeast(value, 261);
    } = 2048;

    /// <summary>Pairs seen less often are not merged, at least 1.</summary>
    public int LeastCount
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 2;
}
