namespace Palimpsest.Models;

/// <summary>What a policy wants to know of the attention weights of a pass; what is not wanted is not
/// computed.</summary>
/// <param name="ColumnSums">The sum over the pass's queries of every key's weight; in blocks of queries, so that no
/// matrix of all queries and keys exists.</param>
/// <param name="LastRows">The weights of this many last queries, of all where there are fewer; 0 for none.</param>
public readonly record struct AttentionWants(bool ColumnSums = false, int LastRows = 0)
{
    /// <summary>True when there is nothing to compute.</summary>
    public bool IsNothing => !ColumnSums && LastRows == 0;
}
