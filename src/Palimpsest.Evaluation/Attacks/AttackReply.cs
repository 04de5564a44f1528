namespace Palimpsest.Evaluation;

/// <summary>What a model said under an attack.</summary>
/// <param name="Variant">Which way of the attack.</param>
/// <param name="FactId">The fact that it was after.</param>
/// <param name="Text">The reply.</param>
/// <param name="Verdict">What the judge says.</param>
public sealed record AttackReply(string Variant, string FactId, string Text, Verdict Verdict);
