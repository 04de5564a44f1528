namespace Palimpsest.Unlearning;

/// <summary>What every objective with an optional retain term has: L = forget weight · L_forget + retain weight ·
/// L_retain.</summary>
public abstract record ForgetOptions
{
    /// <summary>Weight of the forget term (γ), in [0, 1000].</summary>
    public double ForgetWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>What holds the model to what it is to keep.</summary>
    public RetainTerm Retain { get; init; }

    /// <summary>Weight of the retain term (α), in [0, 1000].</summary>
    public double RetainWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>Over which positions a KL retain term is averaged.</summary>
    public KlPositions KlOver { get; init; }

    /// <summary>Settings that the catalogue's method of this retain term refuses: the term itself, which another method
    /// has, and what has no effect without it.</summary>
    internal IReadOnlyList<string> Refused =>
        Retain switch
        {
            RetainTerm.None => [nameof(Retain), nameof(RetainWeight), nameof(KlOver)],
            RetainTerm.Kl => [nameof(Retain)],
            _ => [nameof(Retain), nameof(KlOver)],
        };

    /// <summary>True when retain rows are read.</summary>
    internal bool ReadsRetain => Retain != RetainTerm.None && RetainWeight > 0;
}
