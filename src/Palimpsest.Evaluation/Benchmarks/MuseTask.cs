using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>MUSE on a corpus: four of its six ways, of one model.</summary>
/// <param name="data">The corpus, which is checked.</param>
/// <param name="options">Settings.</param>
public sealed class MuseTask(MuseData data, MuseOptions options) : BenchmarkTask
{
    /// <summary>The score of texts that are gone on with.</summary>
    public const string VerbMem = "VerbMem";

    /// <summary>The score of answers on what was to be forgotten.</summary>
    public const string KnowMem = "KnowMem, forget";

    /// <summary>The score of answers on what was to be kept.</summary>
    public const string Utility = "KnowMem, retain";

    /// <summary>The membership AUC: 1 = memorised.</summary>
    public const string Auc = "min-k AUC";

    /// <summary>Privacy leakage in percent.</summary>
    public const string PrivLeak = "PrivLeak";

    private const string MemberScore = "min-k of members";
    private const string OtherScore = "min-k of others";
    private const double LeastArea = 1e-9;

    /// <inheritdoc/>
    public override string Name => "MUSE";

    /// <inheritdoc/>
    public override ModelAccess Access => ModelAccess.Probabilities;

    /// <inheritdoc/>
    public override AuditAxis Axis => AuditAxis.Both;

    /// <inheritdoc/>
    public override AuditCost Cost =>
        new(
            data.Verbatim.Count + data.ForgetQuestions.Count + data.RetainQuestions.Count,
            data.Members.Count + data.Others.Count
        );

    /// <inheritdoc/>
    public override string Settings => $"{options}, rows {ContentHash.OfText(JsonSerializer.Serialize(data))[..16]}";

    /// <inheritdoc/>
    public override void Require(IScoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Completing(model);
        RequireRoom(model, nameof(MuseData.Verbatim), [.. data.Verbatim.Select(row => row.Prompt)], more: 1);
        if (!options.Chat)
        {
            RequireRoom(model, nameof(MuseData.ForgetQuestions), Prompts(data.ForgetQuestions, forget: true), more: 1);
            RequireRoom(model, nameof(MuseData.RetainQuestions), Prompts(data.RetainQuestions, forget: false), more: 1);
        }

        RequireRoom(model, nameof(MuseData.Members), data.Members, more: 0);
        RequireRoom(model, nameof(MuseData.Others), data.Others, more: 0);
    }

    /// <inheritdoc/>
    public override async Task<BenchmarkResult> RunAsync(
        IScoredModel model,
        BenchmarkRun run,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(run);
        Require(model);
        var items = new List<BenchmarkItem>();
        (string Stage, Func<Task<List<BenchmarkItem>>> Make)[] parts =
        [
            ("verbatim", () => VerbatimAsync(model, cancellationToken)),
            ("forget", () => KnowledgeAsync(model, forget: true, cancellationToken)),
            ("retain", () => KnowledgeAsync(model, forget: false, cancellationToken)),
            ("membership", () => MembershipAsync(model, cancellationToken)),
        ];
        foreach (var (number, (stage, make)) in parts.Index())
        {
            run.Progress?.Report(new(Name, number, parts.Length, stage));
            items.AddRange(await run.Stages.GetAsync(stage, make).ConfigureAwait(false));
        }

        run.Progress?.Report(new(Name, parts.Length, parts.Length));
        return new(
            Name,
            model.Name,
            [
                BenchmarkScore.Of(VerbMem, ScoreMeaning.Forgotten, items),
                BenchmarkScore.Of(KnowMem, ScoreMeaning.Forgotten, items, replies: true),
                BenchmarkScore.Of(Utility, ScoreMeaning.Kept, items, replies: true),
                new(Auc, ScoreMeaning.Other, AreaOf(items)) { Chance = 0.5 },
            ],
            items
        );
    }

    /// <inheritdoc/>
    /// <remarks>Adds privacy leakage: against the retrained model's AUC, or against 0.5 without one.</remarks>
    public override BenchmarkResult Compare(BenchmarkResult result, BenchmarkResult? retrained)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (own, other) = (result[Auc].Level, retrained?[Auc].Level);
        return result with
        {
            Scores = [.. result.Scores, new(PrivLeak, ScoreMeaning.Leakage, LeakageOf(own, other, retrained?.Model))],
        };
    }

    /// <summary>Privacy leakage, between its values at the ends of the AUC's interval; the reference counts as
    /// exact.</summary>
    /// <param name="own">The model's AUC, 1 = memorised.</param>
    /// <param name="retrained">The retrained model's; null for 0.5.</param>
    /// <param name="name">The retrained model's name, for messages.</param>
    internal static MeasuredLevel LeakageOf(MeasuredLevel own, MeasuredLevel? retrained, string? name)
    {
        if (own.ValueReason is { } reason)
            return MeasuredLevel.Missing(reason);
        var reference = retrained?.Value ?? 0.5;
        if (double.IsNaN(reference))
            return MeasuredLevel.Missing($"the retrained model {name} has no AUC");
        // MUSE's AUC is one minus ours: at 0 its quotient has no value.
        if (1 - reference < LeastArea)
            return MeasuredLevel.Missing($"the retrained model {name} tells every member from the others itself");
        double At(double of) => PrivacyLeakage.PrivLeak(of, reference);
        return new(At(own.Value), new(At(own.Interval.High), At(own.Interval.Low)), own.N);
    }

    private async Task<List<BenchmarkItem>> VerbatimAsync(IScoredModel model, CancellationToken cancellationToken)
    {
        var said = await CompleteAsync(
                model,
                [.. data.Verbatim.Select(row => row.Prompt)],
                options.VerbatimTokens,
                cancellationToken
            )
            .ConfigureAwait(false);
        return
        [
            .. data.Verbatim.Select(
                (row, i) => Scored(VerbMem, i, row.Prompt, Beginning(model.Tokenizer, row.Rest), said[i])
            ),
        ];
    }

    // As published: the tokenizer's own first token is one of the tokens that are counted.
    private string Beginning(Tokenizer tokenizer, string text)
    {
        var ids = tokenizer.Encode(text);
        return tokenizer.Decode(ids.AsSpan(0, Math.Min(ids.Length, options.VerbatimTokens)));
    }

    private async Task<List<BenchmarkItem>> KnowledgeAsync(
        IScoredModel model,
        bool forget,
        CancellationToken cancellationToken
    )
    {
        var rows = forget ? data.ForgetQuestions : data.RetainQuestions;
        var said = options.Chat
            ? await model
                .ReplyAsync(
                    [.. rows.Select(row => (IReadOnlyList<Turn>)[Turn.User(row.Question)])],
                    new() { MaxNewTokens = options.AnswerTokens, BatchSize = options.BatchSize },
                    cancellationToken
                )
                .ConfigureAwait(false)
            : await CompleteAsync(model, Prompts(rows, forget), options.AnswerTokens, cancellationToken)
                .ConfigureAwait(false);
        return
        [
            .. rows.Select(
                (row, i) =>
                    Scored(forget ? KnowMem : Utility, i, row.Question, row.Answer, MuseScores.Cut(said[i])) with
                    {
                        Refused = RefusalDetector.IsRefusal(said[i]),
                    }
            ),
        ];
    }

    private async Task<List<BenchmarkItem>> MembershipAsync(IScoredModel model, CancellationToken cancellationToken)
    {
        string[] texts = [.. data.Members, .. data.Others];
        var scores = await model
            .ScoreAsync(
                [.. texts.Select((text, i) => new TokenSequence(model.Tokenizer.Encode(text), 1, i))],
                new() { BatchSize = options.BatchSize },
                cancellationToken
            )
            .ConfigureAwait(false);
        return
        [
            .. scores.Select(
                (score, i) =>
                    new BenchmarkItem(
                        i < data.Members.Count ? MemberScore : OtherScore,
                        IdOf(i < data.Members.Count ? i : i - data.Members.Count),
                        MuseScores.MinK(score.LogProbabilities, options)
                    )
            ),
        ];
    }

    private static MeasuredLevel AreaOf(IReadOnlyList<BenchmarkItem> items)
    {
        double[] Of(string score) => [.. items.Where(item => item.Score == score).Select(item => item.Value)];
        var (members, others) = (Of(MemberScore), Of(OtherScore));
        if (members.Length == 0)
            return MeasuredLevel.Missing("there are no texts for membership");
        if (members.Concat(others).Any(double.IsNaN))
            return MeasuredLevel.Missing("a text has fewer tokens than the share needs");
        var interval = BootstrapInterval.OfSamples(
            [members.Length, others.Length],
            Recovery.Seed,
            drawn => RocAuc.Of([.. drawn[0].Select(i => members[i])], [.. drawn[1].Select(i => others[i])])
        );
        return new(RocAuc.Of(members, others), interval, members.Length + others.Length);
    }

    private BenchmarkItem Scored(string score, int row, string prompt, string expected, string said) =>
        new(score, IdOf(row), Rouge.L(expected, said, options.Stemming).F1)
        {
            Prompt = prompt,
            Expected = expected,
            Said = said,
        };

    private Task<IReadOnlyList<string>> CompleteAsync(
        IScoredModel model,
        IReadOnlyList<string> prompts,
        int tokens,
        CancellationToken cancellationToken
    ) =>
        Completing(model)
            .CompleteAsync(
                [.. prompts.Select(prompt => model.Tokenizer.Encode(prompt))],
                new() { MaxNewTokens = tokens, BatchSize = options.BatchSize },
                cancellationToken
            );

    private IReadOnlyList<string> Prompts(IReadOnlyList<QuestionAnswer> rows, bool forget) =>
        [.. rows.Select(row => MuseScores.Prompt(forget ? data.ForgetExamples : data.RetainExamples, row.Question))];

    private void RequireRoom(IScoredModel model, string property, IReadOnlyList<string> texts, int more)
    {
        foreach (var (i, text) in texts.Index())
        {
            var tokens = model.Tokenizer.Encode(text).Length;
            if (tokens + more > model.MaxTokens)
                throw new InputException(
                    $"{data.Names.GetValueOrDefault(property) ?? property}, row {i + 1}: {tokens} tokens with what "
                        + $"stands before it; the model has {model.MaxTokens} positions."
                );
        }
    }

    private static string IdOf(int row) => FormattableString.Invariant($"{row + 1}");
}
