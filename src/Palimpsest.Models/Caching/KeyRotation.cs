namespace Palimpsest.Models;

/// <summary>How keys are stored.</summary>
public enum KeyRotation
{
    /// <summary>Rotated by the angles of their original positions.</summary>
    Rotated,

    /// <summary>As the projection gave them; attention rotates them where it reads them.</summary>
    Unrotated,
}
