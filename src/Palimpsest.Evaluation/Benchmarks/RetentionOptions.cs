namespace Palimpsest.Evaluation;

/// <summary>Settings of recognition, recall and retention.</summary>
public sealed record RetentionOptions
{
    /// <summary>Tokens after which a text is cut, at least 2, the tokenizer's own tokens among them.</summary>
    public int BlockTokens
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = 128;

    /// <summary>Most sequences or rows at once, at least 1; pairs are compared text by text, whatever it is.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;
}
