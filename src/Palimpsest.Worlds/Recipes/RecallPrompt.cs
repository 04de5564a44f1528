namespace Palimpsest.Worlds;

/// <summary>Facts among filler.</summary>
/// <param name="Facts">The facts, in the order of the text.</param>
/// <param name="Text">Facts and filler, words with blanks between.</param>
public sealed record RecallPrompt(IReadOnlyList<RecallFact> Facts, string Text);
