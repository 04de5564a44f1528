namespace Palimpsest.Inference;

/// <summary>The new tokens of a row.</summary>
/// <param name="Tokens">Ids, the end token left out.</param>
/// <param name="End">What ended them.</param>
/// <param name="Text">Their text up to the first stop text; null where no text was asked for.</param>
public sealed record GeneratedRow(int[] Tokens, GenerationEnd End, string? Text = null);
