namespace Palimpsest.Reproductions;

/// <summary>What the numbers say of a claim.</summary>
public enum Outcome
{
    /// <summary>The numbers allow both.</summary>
    Inconclusive,

    /// <summary>The claim holds here.</summary>
    Shown,

    /// <summary>The claim does not hold here.</summary>
    NotShown,
}
