namespace Palimpsest.Foundation;

/// <summary>Adds wrong answers and other words to rows by rule.</summary>
/// <remarks>What a row has already stays. A wrong answer has the form of the paraphrased answer, as in TOFU, where
/// there is one by rule; a row that brings its own paraphrased answer gets its value changed where that holds
/// it.</remarks>
/// <param name="options">How many wrong answers, and the seed.</param>
public sealed class RowPerturber(PerturbOptions options)
{
    /// <summary>Perturbs sets together, so that each can take wrong values from the others.</summary>
    /// <param name="sets">The rows of each set with the name that messages call it.</param>
    /// <returns>The rows of each set, in order.</returns>
    public IReadOnlyList<IReadOnlyList<PerturbedRow>> Perturb(IReadOnlyList<RowSet> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        var read = KnowledgeReader.Read([
            .. sets.Select(set =>
                (IReadOnlyList<SourceText>)
                    [
                        .. set.Rows.Select(
                            (row, i) => new SourceText($"{set.Name}, row {i + 1}", row.Answer, row.Question)
                        ),
                    ]
            ),
        ]);
        var wrong = new WrongValues([.. read.SelectMany(set => set.Facts).OfType<ReadFact>()]);
        var (perturbed, number) = (new List<IReadOnlyList<PerturbedRow>>(), 0UL);
        for (var set = 0; set < sets.Count; set++)
        {
            var rows = new List<PerturbedRow>();
            for (var i = 0; i < sets[set].Rows.Count; i++)
                rows.Add(
                    Perturb(
                        sets[set].Rows[i],
                        read[set].Facts[i],
                        wrong,
                        new(SeededRandom.Derive(options.Seed, number++))
                    )
                );
            perturbed.Add(rows);
        }

        return perturbed;
    }

    private PerturbedRow Perturb(QuestionAnswer row, ReadFact? fact, WrongValues values, SeededRandom random)
    {
        var form = Form(row, fact);
        var changed = row with
        {
            ParaphrasedQuestion = row.ParaphrasedQuestion ?? fact?.OtherQuestion,
            ParaphrasedAnswer = row.ParaphrasedAnswer ?? (fact?.Paraphrase is null ? null : form?.Say(fact.Value)),
            PerturbedAnswers =
                row.PerturbedAnswers.Count > 0 || form is null
                    ? row.PerturbedAnswers
                    : [.. values.For(fact!, options.WrongAnswers, random).Select(form.Say)],
        };
        return new(changed, Missing(changed, fact));
    }

    // The fact whose sentences become the wrong answers: they have the form of the row's paraphrased answer.
    private static ReadFact? Form(QuestionAnswer row, ReadFact? fact)
    {
        if (fact is null || row.ParaphrasedAnswer is not { } own)
            return fact;
        return own.Contains(fact.Value, StringComparison.Ordinal)
            ? fact with
            {
                Paraphrase = own.Replace(fact.Value, "{o}", StringComparison.Ordinal),
            }
            : fact;
    }

    private static List<string> Missing(QuestionAnswer row, ReadFact? fact)
    {
        var missing = new List<string>();
        if (row.PerturbedAnswers.Count == 0)
            missing.Add(
                fact is null
                    ? "perturbed_answer: no rule finds the value in the answer"
                    : $"perturbed_answer: no other row has another value of '{fact.Relation}' to take"
            );
        if (row.ParaphrasedAnswer is null)
            missing.Add("paraphrased_answer: no rule says it in other words");
        if (row.ParaphrasedQuestion is null)
            missing.Add("paraphrased_question: no rule asks it in other words");
        return missing;
    }
}
