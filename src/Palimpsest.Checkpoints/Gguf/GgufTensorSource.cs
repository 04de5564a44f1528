namespace Palimpsest.Checkpoints;

/// <summary>A tensor that is to be written; its values are asked for when its turn comes.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">How its values are stored: F32, F16, BF16, Q8_0 or Q4_0.</param>
/// <param name="Shape">Sizes, the slowest first.</param>
/// <param name="Values">Gives the float32 values in that shape; the writer disposes them.</param>
public sealed record GgufTensorSource(string Name, GgufType Type, IReadOnlyList<long> Shape, Func<Tensor> Values);
