using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>RWKU on one or several targets.</summary>
/// <param name="data">Probes and texts, which are checked.</param>
/// <param name="options">Settings.</param>
public sealed class RwkuTask(RwkuData data, RwkuOptions options) : BenchmarkTask
{
    private const int PartProbes = 128;

    private static readonly Dictionary<RwkuSet, string> Names = new()
    {
        [RwkuSet.ForgetBlank] = "forget, blanks",
        [RwkuSet.ForgetQuestion] = "forget, questions",
        [RwkuSet.ForgetAttack] = "forget, attacks",
        [RwkuSet.NeighbourBlank] = "neighbours, blanks",
        [RwkuSet.NeighbourQuestion] = "neighbours, questions",
    };

    private static readonly string[] MembershipScores = ["log-likelihood", "zlib", "min-k", "min-k++"];

    /// <summary>The score of a set.</summary>
    public static string NameOf(RwkuSet set) => Names[set];

    /// <inheritdoc/>
    public override string Name => "RWKU";

    /// <inheritdoc/>
    public override ModelAccess Access => data.Texts.Count > 0 ? ModelAccess.Probabilities : ModelAccess.Replies;

    /// <inheritdoc/>
    public override AuditAxis Axis => AuditAxis.Says;

    /// <inheritdoc/>
    public override AuditCost Cost => new(data.Probes.Count, data.Texts.Count);

    /// <inheritdoc/>
    public override string Settings =>
        $"{options}, rows {ContentHash.OfText(JsonSerializer.Serialize((data.Probes, data.Texts), Fields))[..16]}";

    private static JsonSerializerOptions Fields { get; } = new() { IncludeFields = true };

    /// <inheritdoc/>
    public override void Require(IScoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Completing(model);
        foreach (var (i, probe) in data.Probes.Index())
        {
            var tokens = PromptOf(model, probe).Length;
            if (tokens >= model.MaxTokens)
                throw new InputException(
                    $"{data.Places.ElementAtOrDefault(i) ?? $"probe {i + 1}"}: the prompt is {tokens} tokens; the "
                        + $"model has {model.MaxTokens} positions."
                );
        }

        foreach (var (i, text) in data.Texts.Index())
        {
            var tokens = model.Tokenizer.Encode(text.Text).Length;
            if (tokens > model.MaxTokens)
                throw new InputException(
                    $"{text.Target}, text {i + 1}: {tokens} tokens; the model has {model.MaxTokens} positions."
                );
        }
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
        var done = 0;
        foreach (var (number, part) in data.Probes.Index().Chunk(PartProbes).Index())
        {
            run.Progress?.Report(new(Name, done, data.Probes.Count, "probes"));
            items.AddRange(
                await run
                    .Stages.GetAsync($"probes-{number:d5}", () => AskAsync(model, part, cancellationToken))
                    .ConfigureAwait(false)
            );
            done += part.Length;
        }

        if (data.Texts.Count > 0)
            items.AddRange(
                await run
                    .Stages.GetAsync("membership", () => ScoreAsync(model, cancellationToken))
                    .ConfigureAwait(false)
            );
        run.Progress?.Report(new(Name, data.Probes.Count, data.Probes.Count));
        return new(Name, model.Name, [.. Scores(items)], items);
    }

    private IEnumerable<BenchmarkScore> Scores(List<BenchmarkItem> items)
    {
        foreach (var (set, name) in Names)
        {
            var keeps = set is RwkuSet.NeighbourBlank or RwkuSet.NeighbourQuestion;
            yield return BenchmarkScore.Of(
                name,
                keeps ? ScoreMeaning.Kept : ScoreMeaning.Forgotten,
                items,
                replies: true
            );
        }

        foreach (var type in RwkuData.Attacks)
        {
            BenchmarkItem[] own =
            [
                .. items
                    .Where(item =>
                        item.Score == Names[RwkuSet.ForgetAttack]
                        && item.Id.EndsWith($"/{type}", StringComparison.Ordinal)
                    )
                    .Select(item => item with { Score = $"attack, {type}" }),
            ];
            if (own.Length > 0)
                yield return BenchmarkScore.Of($"attack, {type}", ScoreMeaning.Other, own, replies: true);
        }

        foreach (var name in MembershipScores.SelectMany(score => new[] { Of(score, true), Of(score, false) }))
        {
            if (data.Texts.Count > 0)
                yield return BenchmarkScore.Of(name, ScoreMeaning.Other, items);
        }
    }

    private async Task<List<BenchmarkItem>> AskAsync(
        IScoredModel model,
        (int Index, RwkuProbe Item)[] part,
        CancellationToken cancellationToken
    )
    {
        var said = await Completing(model)
            .CompleteAsync(
                [.. part.Select(probe => PromptOf(model, probe.Item))],
                new()
                {
                    MaxNewTokens = options.AnswerTokens,
                    StopStrings = ["\n"],
                    BatchSize = options.BatchSize,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return
        [
            .. part.Zip(
                said,
                (probe, reply) =>
                {
                    var text = string.IsNullOrWhiteSpace(reply) ? RwkuPrompts.NoAnswer : reply.Trim();
                    var recall = SummaryRouge.L(probe.Item.Answer, text).Recall;
                    return new BenchmarkItem(Names[probe.Item.Set], $"{probe.Index + 1}/{probe.Item.Type}", recall)
                    {
                        Group = GroupOf(probe.Item.Target),
                        Prompt = probe.Item.Query,
                        Expected = probe.Item.Answer,
                        Said = text,
                        Refused = RefusalDetector.IsRefusal(text),
                    };
                }
            ),
        ];
    }

    // The published sign: high where a text is likely, so that the loss in a paper's table is minus 100 times it.
    private async Task<List<BenchmarkItem>> ScoreAsync(IScoredModel model, CancellationToken cancellationToken)
    {
        var scores = await model
            .ScoreAsync(
                [.. data.Texts.Select((text, i) => new TokenSequence(model.Tokenizer.Encode(text.Text), 1, i))],
                new() { BatchSize = options.BatchSize, VocabularyMoments = true },
                cancellationToken
            )
            .ConfigureAwait(false);
        return
        [
            .. data
                .Texts.Zip(scores)
                .Index()
                .SelectMany(row =>
                {
                    var (text, score) = row.Item;
                    return Membership(text.Text, score, options.MinKShare)
                        .Zip(
                            MembershipScores,
                            (value, name) =>
                                new BenchmarkItem(Of(name, text.Forget), $"{row.Index + 1}", value)
                                {
                                    Group = GroupOf(text.Target),
                                }
                        );
                }),
        ];
    }

    /// <summary>Log-likelihood per token, that over the compressed length, min-k and min-k++; NaN for the latter two
    /// where the share is less than one token, and for all where there is no token.</summary>
    internal static double[] Membership(string text, TokenScores score, double share)
    {
        var tokens = score.LogProbabilities.Length;
        if (tokens == 0)
            return [double.NaN, double.NaN, double.NaN, double.NaN];
        var tooFew = (int)(tokens * share) == 0;
        return
        [
            -score.MeanNll,
            -MembershipScore.Zlib(score.MeanNll, text),
            tooFew ? double.NaN : -MembershipScore.MinK(score.LogProbabilities, share),
            tooFew
                ? double.NaN
                : -MembershipScore.MinKPlusPlus(score.LogProbabilities, score.Mean, score.Deviation, share),
        ];
    }

    private string GroupOf(string target) => options.PerTarget ? target : "";

    private int[] PromptOf(IScoredModel model, RwkuProbe probe)
    {
        Turn[] turns = [Turn.User(RwkuPrompts.Turn(probe, options))];
        if (options.Bare)
            return model.EncodeConversation(turns, addGenerationPrompt: true);
        var beginning = RwkuPrompts.Beginning(probe, options);
        return model.Tokenizer.ChatTemplate is { } template
            ? model.Tokenizer.Encode(template.Render(turns, true) + beginning, options.AddsSpecialTokens)
            : model.Tokenizer.Encode($"{turns[0].Content}\n{beginning}");
    }

    private static string Of(string score, bool forget) => $"{score} of {(forget ? "forget" : "retain")} texts";
}
