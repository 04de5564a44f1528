namespace Palimpsest.Unlearning;

/// <summary>Where FLAT takes its means of token probabilities.</summary>
public enum FlatMean
{
    /// <summary>Over an answer's tokens, then over the batch, before g and h.</summary>
    Batch,

    /// <summary>Over an answer's tokens before g and h, over the batch after them.</summary>
    PerItem,

    /// <summary>The authors' form: over all T − 1 positions, prompt and padding counting as 0, then over the batch,
    /// before g and h; the loss depends on the padded length.</summary>
    Padded,
}
