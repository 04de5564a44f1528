namespace Palimpsest.Foundation;

/// <summary>Reads the texts of several sets by rule, together, so that each can tell what the others' values
/// are.</summary>
public static class KnowledgeReader
{
    /// <summary>Reads them.</summary>
    /// <param name="sets">For each set its texts.</param>
    /// <returns>For each set a fact per text; null where no rule reads it, and then there is a reason.</returns>
    public static IReadOnlyList<ReadSet> Read(IReadOnlyList<IReadOnlyList<SourceText>> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        SourceText[] all = [.. sets.SelectMany(texts => texts)];
        var reader = new SentenceReader(all);
        var (facts, unread) = (new ReadFact?[all.Length], new UnreadText?[all.Length]);
        for (var i = 0; i < all.Length; i++)
            facts[i] = reader.Read(all[i], out unread[i]);
        int[] rows = [.. Enumerable.Range(0, all.Length).Where(i => facts[i] is null && all[i].Question is not null)];
        var grouped = RowGroups.Read([.. rows.Select(i => all[i])]);
        for (var r = 0; r < rows.Length; r++)
        {
            if (grouped[r] is { } fact)
                (facts[rows[r]], unread[rows[r]]) = (fact, null);
        }

        var (read, start) = (new List<ReadSet>(), 0);
        foreach (var texts in sets)
        {
            read.Add(
                new(
                    [.. facts.AsSpan(start, texts.Count)],
                    [.. unread.Skip(start).Take(texts.Count).OfType<UnreadText>()]
                )
            );
            start += texts.Count;
        }

        return read;
    }
}
