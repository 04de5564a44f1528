using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Whether forgotten rows still look like training data beside rows that no model saw, by six scores: loss,
/// zlib, min-k, min-k++, loss against the retrained model's, and the norm of the gradient. Shi et al. 2024,
/// arXiv:2310.16789.</summary>
/// <remarks>Recovery is that of the score that finds most: clip((AUC − zero) / (one − zero), 0, 1), zero the
/// retrained model's AUC (0.5 without one) and one the original's.</remarks>
/// <param name="options">Settings.</param>
public sealed class MembershipTest(MembershipAttackOptions options) : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "membership";

    private const double LeastSpan = 0.05;
    private const string Against = "against the retrained";

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => options.GradientNorm ? ModelAccess.Weights : ModelAccess.Probabilities;

    /// <inheritdoc/>
    public string Settings =>
        string.Create(CultureInfo.InvariantCulture, $"min-k {options.MinKShare}, gradient {options.GradientNorm}");

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = context.Request.Rows;
        var passes = options.GradientNorm ? 4L : 1;
        return new(Sequences: passes * (rows.Forget.Count + rows.Holdout.Count) * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = context.Request.Rows;
        if (rows.Forget.Count < 2 || rows.Holdout.Count < 2)
            return $"it needs two forget rows and two rows that no model saw; there are {rows.Forget.Count} and "
                + $"{rows.Holdout.Count}";
        return options.GradientNorm ? WeightAccess.WhyNotTrain(context) ?? WeightAccess.WhyNot(context) : null;
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = context.Request.Rows;
        QuestionAnswer[] all = [.. rows.Forget, .. rows.Holdout];
        var scores = new Dictionary<AuditRole, Dictionary<string, double[]>>();
        foreach (var role in context.Roles)
            scores[role] = await context
                .MeasureAsync(this, TestName, role, model => ScoresAsync(model, all, cancellationToken))
                .ConfigureAwait(false);
        if (scores.TryGetValue(AuditRole.Retrained, out var never))
        {
            foreach (var of in scores.Values.Where(of => of != never))
                of[Against] = [.. of["loss"].Zip(never["loss"], MembershipScore.Reference)];
        }

        string[] names = [.. scores[AuditRole.Candidate].Keys];
        var (members, others) = (rows.Forget.Count, rows.Holdout.Count);
        double Auc(AuditRole role, string name, int[] forget, int[] holdout) =>
            !scores.TryGetValue(role, out var of) || !of.TryGetValue(name, out var values)
                ? 0.5
                : RocAuc.Of([.. forget.Select(i => values[i])], [.. holdout.Select(i => values[members + i])]);
        double Share(string name, int[] forget, int[] holdout)
        {
            double Of(AuditRole role) => Auc(role, name, forget, holdout);
            return Recovery.Share(Of(AuditRole.Candidate), Of(AuditRole.Retrained), Of(AuditRole.Original), LeastSpan);
        }

        double Best(int[] forget, int[] holdout) => names.Max(name => Share(name, forget, holdout));
        static int[] Every(int count) => [.. Enumerable.Range(0, count)];
        var numbers = names
            .Select(name => new MembershipScores(
                name,
                scores
                    .Where(of => of.Value.ContainsKey(name))
                    .ToDictionary(of => AuditContext.NameOf(of.Key), of => Of(of.Value[name], members))
            ))
            .ToArray();
        var best = names.MaxBy(name => Share(name, Every(members), Every(others)))!;
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = new(
                Name,
                Best(Every(members), Every(others)),
                BootstrapInterval.OfSamples([members, others], Recovery.Seed, drawn => Best(drawn[0], drawn[1])),
                members
            ),
            Levels = numbers.Single(score => score.Score == best).Models.ToDictionary(of => of.Key, of => of.Value.Auc),
            Sections = [MembershipSection.Create(numbers, members, others)],
            Data = AuditReport.ToData(numbers),
        };
    }

    /// <summary>What a score's values say: high = not a member.</summary>
    /// <param name="values">Of the members first, then of the others.</param>
    /// <param name="members">How many members there are.</param>
    internal static MembershipOfModel Of(double[] values, int members)
    {
        var (inside, outside) = (values[..members], values[members..]);
        var interval = BootstrapInterval.OfSamples(
            [inside.Length, outside.Length],
            Recovery.Seed,
            drawn => RocAuc.Of([.. drawn[0].Select(i => inside[i])], [.. drawn[1].Select(i => outside[i])])
        );
        return new(new(RocAuc.Of(inside, outside), interval, values.Length), Found(0.01), Found(0.05));

        // Members score low: the threshold is the highest that takes no more than the share of the others.
        Rate Found(double share)
        {
            var allowed = (int)Math.Floor(share * outside.Length);
            var threshold = outside.Order().ElementAtOrDefault(allowed);
            return new(inside.Count(value => value < threshold), inside.Length);
        }
    }

    private async Task<Dictionary<string, double[]>> ScoresAsync(
        IScoredModel model,
        QuestionAnswer[] rows,
        CancellationToken cancellationToken
    )
    {
        TokenSequence[] sequences = [.. rows.Select((row, i) => model.EncodeAnswer(row.Question, row.Answer, i))];
        var scored = await model
            .ScoreAsync(sequences, new() { VocabularyMoments = true, BatchSize = 64 }, cancellationToken)
            .ConfigureAwait(false);
        double[] All(Func<TokenScores, int, double> score) => [.. scored.Select(score)];
        var scores = new Dictionary<string, double[]>
        {
            ["loss"] = All((of, _) => of.MeanNll),
            ["zlib"] = All((of, i) => MembershipScore.Zlib(of.MeanNll, rows[i].Answer)),
            ["min-k"] = All((of, _) => MembershipScore.MinK(of.LogProbabilities.AsSpan()[..^1], options.MinKShare)),
            ["min-k++"] = All(
                (of, _) =>
                    MembershipScore.MinKPlusPlus(
                        of.LogProbabilities.AsSpan()[..^1],
                        of.Mean.AsSpan()[..^1],
                        of.Deviation.AsSpan()[..^1],
                        options.MinKShare
                    )
            ),
        };
        if (options.GradientNorm)
        {
            var decoder = model.RequireWeights("The gradient norm").Decoder;
            scores["gradient norm"] = GradientNormScore.Of(decoder, sequences, TestName, null, cancellationToken);
        }

        return scores;
    }
}
