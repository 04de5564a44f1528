namespace Palimpsest.Evaluation;

/// <summary>Settings of tasks in rows.</summary>
public record TaskOptions
{
    /// <summary>Most sequences per forward pass, and rows generated at once, at least 1; no score depends on
    /// it.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Most new tokens of a row that does not say it, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 256;

    /// <summary>Whether a context begins with the tokens that the tokenizer adds to a text, for example the beginning
    /// of a sequence; lm-evaluation-harness adds none unless it is told to.</summary>
    public bool SpecialTokens { get; init; } = true;

    /// <summary>Whether upper and lower case count as equal in generated texts.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Whether ASCII punctuation is left out of generated texts before they are compared.</summary>
    public bool IgnorePunctuation { get; init; }
}
