namespace Palimpsest.Foundation;

/// <summary>A part of a text, in Unicode scalars.</summary>
/// <param name="Start">The first, counted from 0.</param>
/// <param name="End">One past the last, above <paramref name="Start"/>.</param>
public readonly record struct TextPart(int Start, int End);
