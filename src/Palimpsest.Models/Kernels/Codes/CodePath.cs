namespace Palimpsest.Models;

/// <summary>The instructions that products on codes are made of.</summary>
internal enum CodePath
{
    /// <summary>Plain code.</summary>
    Portable,

    /// <summary>Arm's dot product of bytes.</summary>
    Neon,

    /// <summary>AVX2.</summary>
    Avx2,

    /// <summary>AVX2 with the dot product of bytes (AVX-VNNI).</summary>
    Vnni,
}
