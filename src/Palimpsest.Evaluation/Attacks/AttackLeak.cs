namespace Palimpsest.Evaluation;

/// <summary>A conversation in which a forgotten fact came out.</summary>
/// <param name="Variant">Which way of the attack.</param>
/// <param name="FactId">The fact.</param>
/// <param name="Conversation">What was put to the model.</param>
/// <param name="Reply">What it said.</param>
/// <param name="SaidWhenAsked">Whether it says the fact without any attack, too.</param>
public sealed record AttackLeak(
    string Variant,
    string FactId,
    IReadOnlyList<Turn> Conversation,
    string Reply,
    bool SaidWhenAsked
);
