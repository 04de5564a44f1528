namespace Palimpsest.Models;

/// <summary>How a family spells the standard fields, and what they are where a file leaves them out.</summary>
internal sealed record StandardDefaults
{
    /// <summary>Whether head and embedding are one.</summary>
    public bool Tied { get; init; }

    /// <summary>ε of the norms.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>The field that has ε.</summary>
    public string EpsilonField { get; init; } = "rms_norm_eps";

    /// <summary>The activation, as files spell it.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>The field that has the activation.</summary>
    public string ActivationField { get; init; } = "hidden_act";

    /// <summary>Share of each head that is rotated, in (0, 1].</summary>
    public double PartialRotary { get; init; } = 1;
}
