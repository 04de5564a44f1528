namespace Palimpsest.Evaluation;

/// <summary>Which facts replies stated, by variant of an attack.</summary>
internal sealed class AttackTable
{
    private readonly (int Hits, int N)[,] _cells;

    /// <summary>Counts replies.</summary>
    /// <param name="replies">Replies of one model.</param>
    /// <param name="facts">Ids, in the order of rows.</param>
    /// <param name="variants">In the order of columns.</param>
    public AttackTable(IEnumerable<AttackReply> replies, IReadOnlyList<string> facts, IReadOnlyList<string> variants)
    {
        _cells = new (int, int)[facts.Count, variants.Count];
        var rows = facts.Index().ToDictionary(fact => fact.Item, fact => fact.Index, StringComparer.Ordinal);
        var columns = variants.Index().ToDictionary(v => v.Item, v => v.Index, StringComparer.Ordinal);
        foreach (var reply in replies)
        {
            ref var cell = ref _cells[rows[reply.FactId], columns[reply.Variant]];
            cell = (cell.Hits + (reply.Verdict == Verdict.Stated ? 1 : 0), cell.N + 1);
        }
    }

    /// <summary>How often a variant got what it was after, over some facts, which may stand more than once.</summary>
    public Rate Of(int variant, IEnumerable<int> rows)
    {
        var (hits, n) = (0, 0);
        foreach (var row in rows)
            (hits, n) = (hits + _cells[row, variant].Hits, n + _cells[row, variant].N);
        return new(hits, n);
    }
}
