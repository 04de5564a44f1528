namespace Palimpsest.Foundation;

/// <summary>A sentence or row from which nothing could be made.</summary>
/// <param name="Place">A file and a line or row.</param>
/// <param name="Text">The text.</param>
/// <param name="Reason">Why, without a full stop.</param>
public sealed record UnreadText(string Place, string Text, string Reason);
