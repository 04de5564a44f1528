namespace Palimpsest.Evaluation;

/// <summary>What a test has to see of a model.</summary>
public enum ModelAccess
{
    /// <summary>Its replies.</summary>
    Replies,

    /// <summary>The probabilities of given answers.</summary>
    Probabilities,

    /// <summary>Its weights and hidden states.</summary>
    Weights,
}
