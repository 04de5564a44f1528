namespace Palimpsest.Evaluation;

/// <summary>
/// TOFU: what a model still knows of the forget rows, what it kept, and whether one can tell it from a model that never
/// saw them. Maini et al. 2024, arXiv:2401.06121; conventions of open-unlearning's evaluator.
/// </summary>
/// <remarks>Every sequence is scored once and every row answered once; all metrics read those two passes.</remarks>
public static class TofuBenchmark
{
    private static readonly string[] UtilityNames =
    [
        "retain_Q_A_Prob",
        "retain_Q_A_ROUGE",
        "retain_Truth_Ratio",
        "ra_Q_A_Prob_normalised",
        "ra_Q_A_ROUGE",
        "ra_Truth_Ratio",
        "wf_Q_A_Prob_normalised",
        "wf_Q_A_ROUGE",
        "wf_Truth_Ratio",
    ];

    /// <summary>Evaluates a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows.</param>
    /// <param name="options">Settings.</param>
    /// <param name="reference">The retained model's values; without it forget quality is not computed and privacy
    /// leakage is against 0.5.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="stages">Where finished parts are kept; null keeps none.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">There is no forget or retain row, two sets share a question, some rows lack
    /// wrong answers, or a row is longer than the model's positions.</exception>
    public static async Task<TofuResult> RunAsync(
        IScoredModel model,
        TofuData data,
        TofuOptions options,
        TofuReference? reference = null,
        IProgress<TaskProgress>? progress = null,
        StageFolder? stages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        data.Require(wrongAnswers: reference is not null);
        RequireLengths(model, data);
        if (options.GradientNorm && data.Holdout.Count > 0)
            model.RequireWeights("The gradient norm");
        var parts = new (string Name, IReadOnlyList<QuestionAnswer> Rows, bool Paraphrased)[]
        {
            ("forget", data.Forget, true),
            ("retain", data.Retain, true),
            ("ra", data.RealAuthors, false),
            ("wf", data.WorldFacts, false),
        };
        var metrics = new Dictionary<string, TofuMetric>();
        var done = 0;
        foreach (var (name, rows, paraphrased) in parts.Where(part => part.Rows.Count > 0))
        {
            progress?.Report(new("TOFU", done++, parts.Length + 1, name));
            var added = await (stages ?? StageFolder.None).GetAsync(name, PartAsync).ConfigureAwait(false);
            foreach (var (metric, value) in added)
                metrics[metric] = value;

            async Task<Dictionary<string, TofuMetric>> PartAsync()
            {
                var part = new Dictionary<string, TofuMetric>();
                var scored = await TofuScores
                    .OfAsync(model, rows, options, moments: name == "forget", cancellationToken)
                    .ConfigureAwait(false);
                TofuMetrics.AddProbabilities(part, name, scored, paraphrased);
                await TofuMetrics
                    .AddRougeAsync(part, name, model, rows, options, cancellationToken)
                    .ConfigureAwait(false);
                if (name == "forget")
                {
                    TofuMetrics.AddMemorisation(part, scored);
                    if (data.Holdout.Count > 0)
                        await AddMembershipAsync(part, model, scored, data, options, progress, cancellationToken)
                            .ConfigureAwait(false);
                }

                return part;
            }
        }

        progress?.Report(new("TOFU", parts.Length + 1, parts.Length + 1));
        return Compare(new(metrics), reference);
    }

    /// <summary>The result with forget quality, privacy leakage and utility, against another reference.</summary>
    /// <param name="result">A result of this benchmark.</param>
    /// <param name="reference">The retained model's values, or null.</param>
    internal static TofuResult Compare(TofuResult result, TofuReference? reference)
    {
        var metrics = new Dictionary<string, TofuMetric>(result.Metrics);
        AddComparisons(metrics, reference);
        return new(metrics);
    }

    /// <summary>Every row is encoded before the first is scored, so that one that is too long ends nothing
    /// late.</summary>
    private static void RequireLengths(IScoredModel model, TofuData data)
    {
        foreach (var set in data.Sets)
        {
            for (var i = 0; i < set.Rows.Count; i++)
            {
                var row = set.Rows[i];
                try
                {
                    foreach (var answer in row.PerturbedAnswers.Prepend(row.ParaphrasedAnswer).Prepend(row.Answer))
                    {
                        if (answer is not null)
                            model.EncodeAnswer(row.Question, answer, i);
                    }
                }
                catch (InputException error)
                {
                    throw new InputException($"{set.Name}, row {i + 1}: {error.Message}", error);
                }
            }
        }
    }

    private static async Task AddMembershipAsync(
        Dictionary<string, TofuMetric> metrics,
        IScoredModel model,
        TofuScores forget,
        TofuData data,
        TofuOptions options,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var answersOnly = data
            .Holdout.Select(row => row with { ParaphrasedAnswer = null, PerturbedAnswers = [] })
            .ToArray();
        var holdout = await TofuScores
            .OfAsync(model, answersOnly, options, moments: true, cancellationToken)
            .ConfigureAwait(false);
        void Add(string name, Func<TofuScores, int, double> score)
        {
            double[] Scores(TofuScores of) => [.. Enumerable.Range(0, of.Rows.Count).Select(i => score(of, i))];
            TofuMetrics.AddMembership(metrics, name, Scores(forget), Scores(holdout));
        }

        Add("mia_loss", (of, i) => of.Answers[i].MeanNll);
        Add("mia_zlib", (of, i) => MembershipScore.Zlib(of.Answers[i].MeanNll, of.Rows[i].Answer));
        Add(
            "mia_min_k",
            (of, i) => MembershipScore.MinK(of.Answers[i].LogProbabilities.AsSpan()[..^1], options.MinKShare)
        );
        Add(
            "mia_min_k_plus_plus",
            (of, i) =>
                MembershipScore.MinKPlusPlus(
                    of.Answers[i].LogProbabilities.AsSpan()[..^1],
                    of.Answers[i].Mean.AsSpan()[..^1],
                    of.Answers[i].Deviation.AsSpan()[..^1],
                    options.MinKShare
                )
        );
        if (!options.GradientNorm)
            return;
        var weights = model.RequireWeights("The gradient norm");
        double[] Norms(TofuScores of, string stage) =>
            GradientNormScore.Of(weights.Decoder, of.Sequences, stage, progress, cancellationToken);
        TofuMetrics.AddMembership(
            metrics,
            "mia_gradnorm",
            Norms(forget, "gradient norms, forget"),
            Norms(holdout, "gradient norms, holdout")
        );
    }

    private static void AddComparisons(Dictionary<string, TofuMetric> metrics, TofuReference? reference)
    {
        if (metrics.TryGetValue("mia_min_k", out var minK))
        {
            var level = TofuLevels.OfPrivLeak(minK, reference?.MinKAuc ?? 0.5);
            metrics["privleak"] = new(level.Value, [], []) { Level = level };
        }

        metrics["forget_quality"] = new(null, [], []);
        if (reference is not null)
        {
            double[] own = [.. metrics["forget_truth_ratio"].Items.Select(item => item.Score!.Value)];
            var p = Math.Exp(KolmogorovSmirnov.Test(own, reference.ForgetTruthRatios).LogP);
            metrics["forget_quality"] = new(p, [], []) { Level = new(p, Interval.None, own.Length) };
        }

        var utility = TofuLevels.OfUtility([
            .. UtilityNames.Where(metrics.ContainsKey).Select(name => KeyValuePair.Create(name, metrics[name])),
        ]);
        metrics["model_utility"] = new(utility.Value, [], []) { Level = utility };
    }
}
