namespace Palimpsest.Unlearning;

/// <summary>Over which positions a retain KL is averaged.</summary>
public enum KlPositions
{
    /// <summary>All B·T, prompt and padding included: the published form, which depends on the padded length.</summary>
    Every,

    /// <summary>Real tokens alone; padding has no influence.</summary>
    RealTokens,
}
