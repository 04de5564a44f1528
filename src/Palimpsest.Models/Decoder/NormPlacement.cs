namespace Palimpsest.Models;

/// <summary>Where a block normalizes.</summary>
public enum NormPlacement
{
    /// <summary>The input of attention and MLP.</summary>
    Before,

    /// <summary>The output of attention and MLP.</summary>
    After,

    /// <summary>Input and output of both.</summary>
    Both,
}
