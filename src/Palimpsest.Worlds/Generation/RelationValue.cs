namespace Palimpsest.Worlds;

/// <summary>A value that a relation can take.</summary>
/// <param name="Name">How it is written.</param>
/// <param name="Aliases">Other ways to write it; may be empty.</param>
public sealed record RelationValue(string Name, params IReadOnlyList<string> Aliases);
