namespace Palimpsest.Models;

/// <summary>What a policy allows a row, fixed when its prompt was read.</summary>
/// <param name="Entries">Entries in all.</param>
/// <param name="Recent">Those of them that are the newest tokens.</param>
public readonly record struct RowBudget(int Entries, int Recent);
