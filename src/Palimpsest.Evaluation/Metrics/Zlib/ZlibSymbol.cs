namespace Palimpsest.Evaluation;

/// <summary>A byte as it is, or a copy of earlier bytes.</summary>
/// <param name="Length">The byte's value, or the copied length in [3, 258].</param>
/// <param name="Distance">0 for a byte, else how far back the copy starts.</param>
internal readonly record struct ZlibSymbol(int Length, int Distance);
