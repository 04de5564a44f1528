namespace Palimpsest.Evaluation;

/// <summary>Has a language model write wrong answers and other words for rows, in the place of rules.</summary>
/// <remarks>A reply counts when <see cref="DataCheck.Row"/> finds nothing wrong with the row that it makes; rules stand
/// in where two replies do not.</remarks>
/// <param name="model">A model that follows instructions.</param>
/// <param name="options">How many wrong answers, and the seed of the rules.</param>
public sealed class RowWriter(ITextModel model, PerturbOptions options)
{
    /// <summary>Rows that the model completed.</summary>
    public int Written { get; private set; }

    /// <summary>Rows for which its replies could not be used and rules stand in.</summary>
    public int Fallbacks { get; private set; }

    /// <summary>Perturbs sets; a row that has everything is not asked for.</summary>
    /// <param name="sets">The rows of each set with the name that messages call it.</param>
    /// <param name="progress">Counts the rows that are asked for.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <returns>The rows of each set, in order.</returns>
    /// <exception cref="InputException">The model cannot be reached.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<PerturbedRow>>> PerturbAsync(
        IReadOnlyList<RowSet> sets,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sets);
        var rows = new RowPerturber(options).Perturb(sets).Select(set => set.ToArray()).ToArray();
        (int Set, int Row)[] asked =
        [
            .. sets.SelectMany((set, s) => set.Rows.Select((row, r) => (s, r, row)))
                .Where(at => Lacks(at.row))
                .Select(at => (at.s, at.r)),
        ];
        var replies = await new JsonReplies(model, "Writing rows")
            .AskAsync(
                [.. asked.Select(at => Request(sets[at.Set].Rows[at.Row]))],
                (number, reply) => Row(sets[asked[number].Set].Rows[asked[number].Row], reply),
                progress,
                cancellationToken
            )
            .ConfigureAwait(false);
        for (var i = 0; i < asked.Length; i++)
        {
            if (replies[i].Value is { } row)
            {
                Written++;
                rows[asked[i].Set][asked[i].Row] = new(row, []);
            }
            else
            {
                Fallbacks++;
            }
        }

        return rows;
    }

    private static bool Lacks(QuestionAnswer row) =>
        row.ParaphrasedAnswer is null || row.ParaphrasedQuestion is null || row.PerturbedAnswers.Count == 0;

    private string Request(QuestionAnswer row) =>
        $$"""
            Question: {{row.Question}}
            Answer: {{row.ParaphrasedAnswer ?? row.Answer}}

            Give a JSON object and nothing else:
            {"paraphrased_question": "...", "paraphrased_answer": "...", "perturbed_answer": ["..."]}
            paraphrased_question asks the same in other words. paraphrased_answer says the same as the answer in other
            words. perturbed_answer are {{options.WrongAnswers}} sentences in the form and length of
            paraphrased_answer, each with another name, place, date or number in it, so that each could be believed
            and is wrong.
            """;

    private static QuestionAnswer Row(QuestionAnswer row, JsonField reply)
    {
        var written = row with
        {
            ParaphrasedQuestion = row.ParaphrasedQuestion ?? Text(reply, "paraphrased_question"),
            ParaphrasedAnswer = row.ParaphrasedAnswer ?? Text(reply, "paraphrased_answer"),
            PerturbedAnswers =
                row.PerturbedAnswers.Count > 0
                    ? row.PerturbedAnswers
                    : [.. reply["perturbed_answer"].Elements().Select(e => e.AsString().Trim())],
        };
        if (written.PerturbedAnswers.Count == 0)
            throw reply.Error("'perturbed_answer' is empty.");
        return DataCheck.Row(written) is [var (_, problem), ..] ? throw reply.Error(problem) : written;
    }

    private static string Text(JsonField reply, string name) =>
        reply[name].AsString(null)?.Trim() is { Length: > 0 } text
            ? text
            : throw reply.Error($"'{name}' is missing or empty.");
}
