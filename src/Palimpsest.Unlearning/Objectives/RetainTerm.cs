namespace Palimpsest.Unlearning;

/// <summary>What holds a model to what it is to keep.</summary>
public enum RetainTerm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Token-mean NLL of retain rows.</summary>
    Nll,

    /// <summary>KL(reference ‖ model) on retain rows.</summary>
    Kl,

    /// <summary>Mean squared distance of hidden states from the reference's on retain rows; for objectives that name a
    /// layer.</summary>
    Hidden,
}
