namespace Palimpsest.Reproductions;

/// <summary>In which order the dense loss sums: equal but for rounding.</summary>
internal enum SumOrder
{
    /// <summary>Rows and vocabulary as they come.</summary>
    AsGiven,

    /// <summary>The last row first: the head's gradient is summed otherwise.</summary>
    RowsReversed,

    /// <summary>The last entry of the vocabulary first: the hidden states' gradient is summed otherwise.</summary>
    VocabularyReversed,
}
