namespace Palimpsest.Evaluation;

/// <summary>The scores of every answer to a set of rows, each sequence scored once.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Sequences">Question and answer of each row.</param>
/// <param name="Answers">Scores of each answer.</param>
/// <param name="Paraphrased">Mean NLL of each paraphrased answer; of the answer itself where there is none.</param>
/// <param name="Perturbed">Mean NLLs of each row's wrong answers.</param>
internal sealed record TofuScores(
    IReadOnlyList<QuestionAnswer> Rows,
    IReadOnlyList<TokenSequence> Sequences,
    IReadOnlyList<TokenScores> Answers,
    IReadOnlyList<double> Paraphrased,
    IReadOnlyList<IReadOnlyList<double>> Perturbed
)
{
    public static async Task<TofuScores> OfAsync(
        IScoredModel model,
        IReadOnlyList<QuestionAnswer> rows,
        TofuOptions options,
        bool moments,
        CancellationToken cancellationToken
    )
    {
        TokenSequence[] answers = [.. rows.Select((row, i) => model.EncodeAnswer(row.Question, row.Answer, i))];
        var others = rows.SelectMany(
                (row, i) =>
                    row
                        .PerturbedAnswers.Prepend(row.ParaphrasedAnswer)
                        .OfType<string>()
                        .Select(text => model.EncodeAnswer(row.Question, text, i))
            )
            .ToArray();
        var settings = new ScoreOptions { BatchSize = options.BatchSize };
        var scores = await model
            .ScoreAsync(answers, settings with { VocabularyMoments = moments }, cancellationToken)
            .ConfigureAwait(false);
        var otherScores = await model.ScoreAsync(others, settings, cancellationToken).ConfigureAwait(false);
        var next = 0;
        var paraphrased = new List<double>();
        var perturbed = new List<IReadOnlyList<double>>();
        for (var i = 0; i < rows.Count; i++)
        {
            paraphrased.Add(rows[i].ParaphrasedAnswer is null ? scores[i].MeanNll : otherScores[next++].MeanNll);
            perturbed.Add([.. rows[i].PerturbedAnswers.Select(_ => otherScores[next++].MeanNll)]);
        }

        return new(rows, answers, scores, paraphrased, perturbed);
    }
}
