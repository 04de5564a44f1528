namespace Palimpsest.Inference;

/// <summary>How <see cref="D2o"/> merges.</summary>
public enum D2oRule
{
    /// <summary>The paper's equations 10 and 11, head by head.</summary>
    Paper,

    /// <summary>The authors' code: one decision for all heads by the mean of their similarities, survivors are the mean
    /// of themselves and of what leaves times its cosine, and the threshold follows the mean.</summary>
    Code,
}
