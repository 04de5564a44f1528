namespace Palimpsest.Foundation;

/// <summary>Facts and rows that were made of texts.</summary>
/// <param name="Facts">The facts of every set that has a scope.</param>
/// <param name="Rows">Per set, by its name, a row for each fact.</param>
/// <param name="Unread">The texts from which none was made, with the reason.</param>
public sealed record WrittenFacts(
    IReadOnlyList<Fact> Facts,
    IReadOnlyDictionary<string, IReadOnlyList<QuestionAnswer>> Rows,
    IReadOnlyList<UnreadText> Unread
);
