namespace Palimpsest.Foundation;

/// <summary>What is wrong between the files of a request.</summary>
internal static class SetChecks
{
    private const int LeastHoldout = 20;
    private const double MostRatio = 1.5;

    /// <summary>Adds questions that are in two sets.</summary>
    public static void AddOverlaps(IReadOnlyList<DataRows> sets, List<DataIssue> issues)
    {
        var seen = new Dictionary<string, (DataRows Set, int Number)>(StringComparer.Ordinal);
        foreach (var set in sets)
        {
            foreach (var (number, row) in set.Rows)
            {
                if (seen.TryGetValue(SameText.Key(row.Question), out var other) && other.Set != set)
                    issues.Add(
                        new(
                            set.Path,
                            number,
                            DataSeverity.Error,
                            $"its question is row {other.Number} of {other.Set.Path} too; what is {set.Part} cannot be "
                                + $"{other.Set.Part}."
                        )
                    );
                else
                    seen.TryAdd(SameText.Key(row.Question), (set, number));
            }
        }
    }

    /// <summary>Adds what makes a holdout a poor measure of membership.</summary>
    public static void AddHoldout(IReadOnlyList<DataRows> sets, List<DataIssue> issues)
    {
        var (forget, holdout) = (Find(sets, "forget"), Find(sets, "holdout"));
        if (holdout is not { Rows.Count: > 0 })
            return;
        if (holdout.Rows.Count < LeastHoldout)
            issues.Add(
                new(
                    holdout.Path,
                    null,
                    DataSeverity.Warning,
                    $"has {holdout.Rows.Count} rows; membership scores of fewer than {LeastHoldout} say little."
                )
            );
        if (forget is not { Rows.Count: > 0 })
            return;
        var (theirs, ours) = (MeanWords(holdout), MeanWords(forget));
        if (Math.Max(theirs, ours) > MostRatio * Math.Min(theirs, ours))
            issues.Add(
                new(
                    holdout.Path,
                    null,
                    DataSeverity.Warning,
                    FormattableString.Invariant(
                        $"its answers have {theirs:f1} words on average and those of the forget rows {ours:f1}; "
                    ) + "membership scores then tell the lengths apart and not what was learnt."
                )
            );
    }

    /// <summary>A part's rows; null where it was not given.</summary>
    public static DataRows? Find(IReadOnlyList<DataRows> sets, string part) =>
        sets.FirstOrDefault(set => set.Part == part);

    private static double MeanWords(DataRows set) => set.Rows.Average(row => (double)RowChecks.Words(row.Row.Answer));
}
