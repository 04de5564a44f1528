namespace Palimpsest.Unlearning;

/// <summary>A place where an anchor was replaced.</summary>
/// <param name="Entry">The anchor's place in its dictionary.</param>
/// <param name="Start">Index of its first token.</param>
/// <param name="Length">Tokens of the term.</param>
internal sealed record AnchorOccurrence(int Entry, int Start, int Length);
