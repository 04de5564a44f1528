namespace Palimpsest.Foundation;

/// <summary>What was read from the texts of a set.</summary>
/// <param name="Facts">A fact per text, in order; null where nothing was read.</param>
/// <param name="Unread">The texts from which nothing was read, with the reason.</param>
public sealed record ReadSet(IReadOnlyList<ReadFact?> Facts, IReadOnlyList<UnreadText> Unread);
