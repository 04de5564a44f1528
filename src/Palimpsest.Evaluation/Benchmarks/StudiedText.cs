namespace Palimpsest.Evaluation;

/// <summary>A text that a model studied, and the one that it is told from.</summary>
/// <param name="Id">Unique within a list.</param>
/// <param name="Place">Where it was read, for messages.</param>
/// <param name="Text">The studied text.</param>
/// <param name="Foil">A text that was not studied.</param>
public sealed record StudiedText(string Id, string Place, string Text, string Foil);
