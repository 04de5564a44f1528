namespace Palimpsest.Evaluation;

/// <summary>Settings of the attack that rounds weights.</summary>
public sealed record QuantisationAttackOptions
{
    /// <summary>Bits that are left of a weight: 4 or 8.</summary>
    public int Bits
    {
        get;
        init =>
            field = value is 4 or 8
                ? value
                : throw new ArgumentOutOfRangeException(nameof(Bits), value, "Bits must be 4 or 8.");
    } = 4;
}
