namespace Palimpsest.Worlds;

/// <summary>Which of a world's models.</summary>
public enum ModelRole
{
    /// <summary>Trained on everything.</summary>
    Original,

    /// <summary>Trained without the people who ask to be forgotten.</summary>
    Retrained,

    /// <summary>As <see cref="Retrained"/> with another seed: how far two innocent models are apart.</summary>
    NoiseFloor,
}
