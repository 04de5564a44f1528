namespace Palimpsest.Inference;

/// <summary>Splits sequences into batches; those that begin with the same prompt go together, so that it is read once.</summary>
internal static class SharedPrompts
{
    private const int LeastShared = 8;

    /// <summary>Batches of at most <paramref name="batchSize"/> rows, each a list of groups of row numbers.</summary>
    /// <remarks>
    /// Rows of one group have equal ids before their last prompt token. A batch has either only groups of two and more rows or
    /// only single rows, which share nothing. Like lengths come together.
    /// </remarks>
    public static IEnumerable<IReadOnlyList<int[]>> Batches(IReadOnlyList<TokenSequence> sequences, int batchSize)
    {
        var groups = Enumerable.Range(0, sequences.Count)
            .GroupBy(row => new ReadOnlyMemory<int>(sequences[row].Ids, 0, PrefixLength(sequences[row])), PrefixComparer.Instance)
            .SelectMany(group => group.Key.Length < LeastShared ? group.Select(row => new[] { row }) : group.Chunk(batchSize))
            .OrderByDescending(group => group.Max(row => sequences[row].Ids.Length)).ToArray();
        foreach (var single in groups.Where(group => group.Length == 1).Chunk(batchSize))
            yield return single;
        var batch = new List<int[]>();
        foreach (var group in groups.Where(group => group.Length > 1))
        {
            if (batch.Sum(g => g.Length) + group.Length > batchSize)
            {
                yield return batch;
                batch = [];
            }

            batch.Add(group);
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>Tokens before the one from which the first label is predicted.</summary>
    public static int PrefixLength(TokenSequence sequence) => Math.Max(0, Math.Min(sequence.LabelStart, sequence.Ids.Length) - 1);

    private sealed class PrefixComparer : IEqualityComparer<ReadOnlyMemory<int>>
    {
        public static PrefixComparer Instance { get; } = new();

        public bool Equals(ReadOnlyMemory<int> x, ReadOnlyMemory<int> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<int> prefix)
        {
            var hash = new HashCode();
            foreach (var id in prefix.Span)
                hash.Add(id);
            return hash.ToHashCode();
        }
    }
}
