namespace Palimpsest.Worlds;

/// <summary>A function in a small language like Python.</summary>
/// <param name="Part">What it is for.</param>
/// <param name="Text">Its lines.</param>
/// <param name="Key">Where in the text its key stands, without quotes; null where it has none.</param>
public sealed record CodeFunction(CodePart Part, string Text, Foundation.TextPart? Key);
