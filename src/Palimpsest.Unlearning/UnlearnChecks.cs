namespace Palimpsest.Unlearning;

/// <summary>What every method asks of its job before it takes a step.</summary>
internal static class UnlearnChecks
{
    /// <summary>Refuses empty sets, rows that the model cannot read or learn, and rows to be kept and
    /// forgotten.</summary>
    /// <param name="job">The job.</param>
    /// <param name="id">The method's id, for messages.</param>
    /// <param name="readsRetain">Whether it needs retain rows.</param>
    /// <exception cref="InputException">One is found; the message has set and row.</exception>
    public static void Require(UnlearnJob job, string id, bool readsRetain)
    {
        if (job.Forget.Count == 0)
            throw new InputException("The forget set is empty; needed is at least one row.");
        if (readsRetain && job.Retain.Count == 0)
            throw new InputException($"The retain set is empty; method '{id}' needs at least one row.");
        CheckRows("Forget", job.Forget, job.Model.Config);
        CheckRows("Retain", job.Retain, job.Model.Config);
        for (var row = 0; row < job.Alternates.Count; row++)
            CheckRows($"Other-answer (to forget row {row})", job.Alternates[row], job.Model.Config);
        CheckRows("Held-out", job.Holdout, job.Model.Config);
        CheckDisjoint(job);
    }

    /// <summary>Refuses a job with a forget row that has no other answer.</summary>
    /// <exception cref="InputException">There is one.</exception>
    public static void RequireAlternates(UnlearnJob job, string id)
    {
        if (job.Alternates.Count != job.Forget.Count || job.Alternates.Any(answers => answers.Count == 0))
            throw new InputException(
                $"Method '{id}' needs another answer to each of the {job.Forget.Count} forget rows; "
                    + $"{job.Alternates.Count(a => a.Count > 0)} rows have one."
            );
    }

    /// <summary>Refuses a job that says which weights change, of a method that chooses them.</summary>
    /// <exception cref="InputException">It does.</exception>
    public static void RequireFreeChoice(UnlearnJob job, string id)
    {
        if (job.Lora is not null || job.MayChange is not null)
            throw new InputException(
                $"Method '{id}' chooses among the model's own weights: Lora and MayChange have no effect."
            );
    }

    private static void CheckRows(string set, IReadOnlyList<TokenSequence> rows, DecoderConfig config)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].LabelCount <= 0)
                throw new InputException(
                    $"{set} row {row} has no token to learn: its {rows[row].Ids.Length} tokens are all prompt."
                );
            if (rows[row].Ids.Length > config.LongestSequence)
                throw new InputException(
                    $"{set} row {row} has {rows[row].Ids.Length} tokens; the model has {config.LongestSequence} "
                        + $"positions."
                );
            if (rows[row].Ids.FirstOrDefault(id => id < 0 || id >= config.VocabularySize, 0) is var id and not 0)
                throw new InputException(
                    $"{set} row {row} has token id {id}; the model's ids are 0 to {config.VocabularySize - 1}: the "
                        + $"tokenizer is of another model."
                );
        }
    }

    private static void CheckDisjoint(UnlearnJob job)
    {
        static string Key(TokenSequence row) => string.Join(' ', row.Ids);
        var forget = job.Forget.Select(Key).ToHashSet(StringComparer.Ordinal);
        for (var row = 0; row < job.Retain.Count; row++)
        {
            if (forget.Contains(Key(job.Retain[row])))
                throw new InputException($"Retain row {row} is a forget row too; a row is either kept or forgotten.");
        }

        for (var row = 0; row < job.Holdout.Count; row++)
        {
            if (forget.Contains(Key(job.Holdout[row])))
                throw new InputException($"Held-out row {row} is a forget row too; the model has to be new to it.");
        }
    }
}
