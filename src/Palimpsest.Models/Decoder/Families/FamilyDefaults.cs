namespace Palimpsest.Models;

/// <summary>Where a family's config.json differs from Llama's: names of fields, and what holds without them.</summary>
/// <param name="Family">The family's model_type.</param>
internal sealed record FamilyDefaults(string Family)
{
    /// <summary>Whether the head's weight is the embedding's.</summary>
    public bool TiedHead { get; init; }

    /// <summary>ε of the norms.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>The field of ε.</summary>
    public string EpsilonField { get; init; } = "rms_norm_eps";

    /// <summary>The MLP's nonlinearity.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>The field of the nonlinearity.</summary>
    public string ActivationField { get; init; } = "hidden_act";

    /// <summary>The part of a head that is rotated.</summary>
    public double PartialRotary { get; init; } = 1;
}
