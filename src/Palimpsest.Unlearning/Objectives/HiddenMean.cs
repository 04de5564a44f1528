namespace Palimpsest.Unlearning;

/// <summary>How distances of hidden states are averaged over the labelled tokens of a batch.</summary>
public enum HiddenMean
{
    /// <summary>Over all of the batch's tokens; long answers weigh more.</summary>
    Tokens,

    /// <summary>
    /// As open-unlearning's code does: the mean of the sequences' sums times the mean of one over their lengths, which
    /// is the mean of sequence means where all are of one length.
    /// </summary>
    Released,
}
