namespace Palimpsest.Evaluation;

/// <summary>The numbers of a <see cref="PromptAttackTest"/>.</summary>
/// <param name="Variants">By way of the attack.</param>
/// <param name="Leaks">The candidate's replies that state a forgotten fact, with their prompts.</param>
public sealed record AttackFindings(IReadOnlyList<VariantRates> Variants, IReadOnlyList<AttackLeak> Leaks);
