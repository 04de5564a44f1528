namespace Palimpsest.Foundation;

/// <summary>Looks at the files of a deletion request before anything is trained or measured with them.</summary>
public static class DataCheck
{
    /// <summary>Reads the files and says what they enable and what is wrong; what cannot be read is a finding
    /// too.</summary>
    /// <exception cref="InputException">No file is named, or one is not there.</exception>
    public static DataReport Run(DataPaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var issues = new List<DataIssue>();
        (string Part, string? Path)[] named =
        [
            ("forget", paths.Forget),
            ("retain", paths.Retain),
            ("holdout", paths.Holdout),
        ];
        DataRows[] sets =
        [
            .. named.Where(set => set.Path is not null).Select(set => DataRows.Read(set.Part, set.Path!, issues)),
        ];
        var facts = paths.Facts is { } file ? ReadFacts(file, issues) : [];
        if (sets.Length == 0 && paths.Facts is null)
            throw new InputException("There is nothing to check; give --forget, --retain, --holdout or --facts.");
        foreach (var set in sets)
            RowChecks.Add(set, issues);
        SetChecks.AddOverlaps(sets, issues);
        SetChecks.AddHoldout(sets, issues);
        if (paths.Facts is not null)
            FactChecks.Add(paths.Facts, facts, sets, issues);
        List<DataFile> files = [.. sets.Select(Count)];
        if (paths.Facts is not null)
            files.Add(
                new(
                    "facts",
                    paths.Facts,
                    facts.Count,
                    facts.Count(fact => fact.Fact.Candidates.Count > 1),
                    0,
                    facts.Count(fact => fact.Fact.Paraphrases.Count > 0)
                )
            );
        DataIssue[] ordered = [.. issues.OrderBy(issue => issue.Severity)];
        return new(files, DataUses.Of(sets, [.. facts.Select(fact => fact.Fact)], ordered), ordered);
    }

    /// <summary>What is wrong with a row by itself: each finding with its full stop.</summary>
    public static IReadOnlyList<(DataSeverity Severity, string Message)> Row(QuestionAnswer row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return [.. RowChecks.OfRow(row)];
    }

    private static DataFile Count(DataRows set) =>
        new(
            set.Part,
            set.Path,
            set.Rows.Count,
            set.Rows.Count(row => row.Row.PerturbedAnswers.Count > 0),
            set.Rows.Count(row => row.Row.ParaphrasedAnswer is not null),
            set.Rows.Count(row => row.Row.ParaphrasedQuestion is not null)
        );

    private static List<(int Number, Fact Fact)> ReadFacts(string path, List<DataIssue> issues) =>
        DataRows.ReadAll(path, FactFile.Row, issues);
}
