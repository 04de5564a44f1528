namespace Palimpsest.Models;

/// <summary>Where the outputs of a coded weight's rows go.</summary>
/// <param name="Values">The first output of the first row of x.</param>
/// <param name="Stride">Outputs of a row of x.</param>
/// <param name="Bias">The first output's bias, or 0 where there is none.</param>
internal readonly unsafe record struct CodeTarget(nint Values, long Stride, nint Bias)
{
    /// <summary>Where the outputs from another one on go.</summary>
    public CodeTarget From(long output) =>
        new(Values + (nint)(output * sizeof(float)), Stride, Bias == 0 ? 0 : Bias + (nint)(output * sizeof(float)));

    /// <summary>Stores an output.</summary>
    public void Store(int row, long output, float value) =>
        ((float*)Values)[row * Stride + output] = Bias == 0 ? value : value + ((float*)Bias)[output];
}
