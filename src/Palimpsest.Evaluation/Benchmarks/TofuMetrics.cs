namespace Palimpsest.Evaluation;

/// <summary>Turns scores and answers into TOFU's metrics.</summary>
internal static class TofuMetrics
{
    public static void AddProbabilities(
        Dictionary<string, TofuMetric> metrics,
        string part,
        TofuScores scored,
        bool paraphrased
    )
    {
        Add(metrics, $"{part}_Q_A_Prob", scored.Answers.Select(answer => new[] { answer.MeanNll }));
        if (paraphrased)
            Add(metrics, $"{part}_Q_A_PARA_Prob", scored.Paraphrased.Select(loss => new[] { loss }));
        if (scored.Perturbed.All(losses => losses.Count == 0))
            return;
        Add(metrics, $"{part}_Q_A_PERT_Prob", scored.Perturbed);
        if (!paraphrased)
        {
            TofuItem[] normalised =
            [
                .. scored.Answers.Zip(
                    scored.Perturbed,
                    (answer, wrong) =>
                        new TofuItem
                        {
                            Probabilities =
                            [
                                AnswerProbability.Normalised(
                                    AnswerProbability.Of(answer.MeanNll),
                                    wrong.Select(AnswerProbability.Of)
                                ),
                            ],
                        }
                ),
            ];
            metrics[$"{part}_Q_A_Prob_normalised"] = new(
                normalised.Average(item => item.Probabilities![0]),
                normalised,
                []
            );
        }

        var correct = paraphrased ? scored.Paraphrased : [.. scored.Answers.Select(answer => answer.MeanNll)];
        double[] ratios = [.. correct.Zip(scored.Perturbed, (loss, wrong) => TruthRatio.Of([loss], [.. wrong]))];
        metrics[part == "forget" ? "forget_truth_ratio" : $"{part}_Truth_Ratio"] = new(
            part == "forget" ? TruthRatio.CloserToOne(ratios) : TruthRatio.TrueBetter(ratios),
            Scored(ratios),
            []
        );
    }

    public static async Task AddRougeAsync(
        Dictionary<string, TofuMetric> metrics,
        string part,
        IScoredModel model,
        IReadOnlyList<QuestionAnswer> rows,
        TofuOptions options,
        CancellationToken cancellationToken
    )
    {
        var replies = await model
            .ReplyAsync(
                [.. rows.Select(row => (IReadOnlyList<Turn>)[Turn.User(row.Question)])],
                new() { MaxNewTokens = options.MaxNewTokens, BatchSize = options.GenerationBatchSize },
                cancellationToken
            )
            .ConfigureAwait(false);
        var items = rows.Zip(
                replies,
                (row, reply) =>
                {
                    var text = Tokenizer.CleanUpSpaces(reply).Trim();
                    var truth = Tokenizer.CleanUpSpaces(row.Answer).Trim();
                    var (one, longest) = (
                        Rouge.N(1, truth, text, options.Stemming),
                        Rouge.L(truth, text, options.Stemming)
                    );
                    return new TofuItem
                    {
                        Rouge1Recall = one.Recall,
                        RougeLF1 = longest.F1,
                        RougeLRecall = longest.Recall,
                        Input = row.Question,
                        GroundTruth = truth,
                        Generation = text,
                    };
                }
            )
            .ToArray();
        metrics[$"{part}_Q_A_ROUGE"] = new(items.Average(item => item.RougeLRecall!.Value), items, []);
        if (part != "forget")
            return;
        var right = Scored([
            .. items.Zip(rows, (item, row) => AnswerWords.AreStatedBy(row, item.Generation!) ? 1.0 : 0.0),
        ]);
        metrics["answer_accuracy"] = new(right.Average(item => item.Score!.Value), right, []);
    }

    public static void AddMemorisation(Dictionary<string, TofuMetric> metrics, TofuScores scored)
    {
        void Score(string name, Func<int[], int[], double> of)
        {
            double[] values =
            [
                .. scored.Sequences.Zip(
                    scored.Answers,
                    (sequence, scores) => of(sequence.Ids[Math.Max(1, sequence.LabelStart)..^1], scores.Greedy[..^1])
                ),
            ];
            metrics[name] = new(values.Average(), Scored(values), []);
        }

        Score("exact_memorization", (answer, greedy) => Memorization.Exact(answer, greedy));
        Score("extraction_strength", (answer, greedy) => Memorization.ExtractionStrength(answer, greedy));
    }

    public static void AddMembership(
        Dictionary<string, TofuMetric> metrics,
        string name,
        double[] forget,
        double[] holdout
    ) => metrics[name] = new(RocAuc.Of(forget, holdout), Scored(forget), Scored(holdout));

    private static void Add(
        Dictionary<string, TofuMetric> metrics,
        string name,
        IEnumerable<IReadOnlyList<double>> losses
    )
    {
        TofuItem[] items =
        [
            .. losses.Select(row => new TofuItem
            {
                Probabilities = [.. row.Select(AnswerProbability.Of)],
                Losses = row,
            }),
        ];
        metrics[name] = new(items.SelectMany(item => item.Probabilities!).Average(), items, []);
    }

    private static TofuItem[] Scored(double[] values) => [.. values.Select(value => new TofuItem { Score = value })];
}
