namespace Palimpsest.Reproductions;

/// <summary>In which order the dense loss sums its rows: all are equal but for rounding.</summary>
internal enum RowOrder
{
    /// <summary>As the batch has them.</summary>
    AsGiven,

    /// <summary>Last to first.</summary>
    Reversed,

    /// <summary>Every second row from the second on, then the others.</summary>
    OddFirst,

    /// <summary>The second half before the first.</summary>
    SecondHalfFirst,
}
