namespace Palimpsest.Unlearning;

/// <summary>One way in which an anchor is written in a model's tokens.</summary>
/// <param name="Entry">The anchor's place in its dictionary.</param>
/// <param name="Term">The term's ids, at least one.</param>
/// <param name="Replacement">The stand-in's ids, at least one.</param>
public sealed record TokenAnchor(int Entry, IReadOnlyList<int> Term, IReadOnlyList<int> Replacement);
