namespace Palimpsest.Foundation;

/// <summary>A sentence or a question read by a pattern.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Subject">Whom it is about, as written.</param>
/// <param name="Name">The words that stand for <c>{r}</c>; empty where there are none.</param>
/// <param name="Verb">is or was.</param>
/// <param name="Value">The value, without marks of quotation.</param>
/// <param name="Kind">What it is.</param>
internal sealed record PatternMatch(
    SentencePattern Pattern,
    string Subject,
    string Name,
    string Verb,
    string Value,
    ValueKind Kind
);
