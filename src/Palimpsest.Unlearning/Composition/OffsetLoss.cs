namespace Palimpsest.Unlearning;

/// <summary>What the offset baseline trains an assistant by, through the composed logits.</summary>
public enum OffsetLoss
{
    /// <summary>Nothing: it is ULD itself, whose assistant remembers.</summary>
    None,

    /// <summary>Gradient ascent.</summary>
    GradientAscent,

    /// <summary>Negative preference optimisation.</summary>
    Npo,

    /// <summary>Preference of other answers.</summary>
    Dpo,
}
