namespace Palimpsest.Evaluation;

/// <summary>A text of RWKU's membership sets.</summary>
/// <param name="Forget">True for a text about who is to be forgotten.</param>
/// <param name="Target">The folder or person that scores are averaged over.</param>
/// <param name="Text">The text.</param>
public sealed record RwkuText(bool Forget, string Target, string Text);
