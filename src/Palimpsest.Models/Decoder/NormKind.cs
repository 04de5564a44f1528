namespace Palimpsest.Models;

/// <summary>How hidden states are normalized.</summary>
public enum NormKind
{
    /// <summary>Divides by the root mean square; weight alone.</summary>
    RootMeanSquare,

    /// <summary>The same, with 1 + weight as the scale.</summary>
    RootMeanSquarePlusOne,

    /// <summary>Subtracts the mean, divides by the deviation; weight and bias.</summary>
    Layer,
}
