namespace Palimpsest.Inference;

/// <summary>The new tokens of a row.</summary>
/// <param name="Tokens">Ids, the end token left out.</param>
/// <param name="End">What ended them.</param>
internal sealed record GeneratedRow(int[] Tokens, GenerationEnd End);
