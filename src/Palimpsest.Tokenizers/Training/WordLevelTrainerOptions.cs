namespace Palimpsest.Tokenizers;

/// <summary>Settings of the word-level trainer.</summary>
public sealed record WordLevelTrainerOptions
{
    /// <summary>Most ids in all, the six special tokens included; at least 7.</summary>
    public int VocabularySize
    {
        get;
        init => field = Require.AtLeast(value, 7);
    } = 8192;

    /// <summary>Words seen less often are unknown, at least 1.</summary>
    public int LeastCount
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;
}
