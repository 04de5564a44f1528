namespace Palimpsest.Evaluation;

/// <summary>Settings of WMDP.</summary>
public sealed record WmdpOptions
{
    /// <summary>Most sequences per forward pass, at least 1; no score depends on it.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Whether a prompt begins with the tokens that the tokenizer adds to a text; lm-evaluation-harness adds
    /// none unless it is told to.</summary>
    public bool SpecialTokens { get; init; } = true;

    /// <summary>Whether the answers' texts are compared after the bare question, and not the letters A to D after the
    /// published prompt: for models that were never taught to choose by letter.</summary>
    public bool AnswerTexts { get; init; }
}
