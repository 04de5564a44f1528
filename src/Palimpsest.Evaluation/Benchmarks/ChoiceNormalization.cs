namespace Palimpsest.Evaluation;

/// <summary>What an answer's summed log-likelihood is divided by before answers are compared.</summary>
public enum ChoiceNormalization
{
    /// <summary>The number of its tokens, the end token included.</summary>
    Token,

    /// <summary>The number of its UTF-8 bytes, as lm-evaluation-harness does for <c>acc_norm</c>.</summary>
    Byte,

    /// <summary>Nothing: the likelier answer wins, short answers more often.</summary>
    None,
}
