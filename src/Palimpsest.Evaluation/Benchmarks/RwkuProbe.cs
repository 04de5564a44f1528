namespace Palimpsest.Evaluation;

/// <summary>A probe of RWKU.</summary>
/// <param name="Set">Which set it is of.</param>
/// <param name="Target">The folder or person that scores are averaged over.</param>
/// <param name="Subject">Who is to be forgotten.</param>
/// <param name="Type">The kind of an attack, for example <c>reverse query</c>; for others the level's.</param>
/// <param name="Query">What is asked.</param>
/// <param name="Answer">What would be right.</param>
public sealed record RwkuProbe(RwkuSet Set, string Target, string Subject, string Type, string Query, string Answer);
