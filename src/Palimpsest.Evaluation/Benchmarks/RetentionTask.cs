using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Recognition and recall of studied texts, of one model.</summary>
/// <param name="pairs">Studied texts, each with its foil; at least one.</param>
/// <param name="options">Settings.</param>
public sealed class RetentionTask(IReadOnlyList<StudiedText> pairs, RetentionOptions options) : BenchmarkTask
{
    /// <summary>Share of pairs of which the studied text is the likelier one.</summary>
    public const string Recognition = "recognition";

    /// <summary>Share of texts whose second half greedy decoding would write whole.</summary>
    public const string Exact = "recall, second half exact";

    /// <summary>Share of the second half's tokens that are the likeliest after those before them.</summary>
    public const string Tokens = "recall, tokens of the second half";

    /// <summary>ROUGE-L F1 of what follows the first half alone.</summary>
    public const string Continuation = "recall, ROUGE-L of the continuation";

    /// <summary>ROUGE-L F1 of a text's first half and what follows it, as published.</summary>
    public const string WithPrompt = "recall, ROUGE-L with the first half";

    /// <summary>What the first half alone gives: below that the published score cannot fall far.</summary>
    public const string Floor = "floor of ROUGE-L with the first half";

    /// <inheritdoc/>
    public override string Name => "recognition and recall";

    /// <inheritdoc/>
    public override ModelAccess Access => ModelAccess.Probabilities;

    /// <inheritdoc/>
    public override AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public override AuditCost Cost => new(pairs.Count, 2L * pairs.Count);

    /// <inheritdoc/>
    public override string Settings => $"{options}, rows {ContentHash.OfText(JsonSerializer.Serialize(pairs))[..16]}";

    /// <inheritdoc/>
    public override void Require(IScoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Completing(model);
        if (options.BlockTokens > model.MaxTokens)
            throw new InputException(
                $"Texts are cut at {options.BlockTokens} tokens; the model has {model.MaxTokens} positions."
            );
        foreach (var pair in pairs)
        {
            foreach (var text in new[] { pair.Text, pair.Foil })
            {
                if (Ids(model, text).Length < 2)
                    throw new InputException(
                        $"{pair.Place}: {JsonField.Shown(text)} is a single token; needed are two, one to go on from."
                    );
            }
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
        run.Progress?.Report(new(Name, 0, 2, Recognition));
        var items = new List<BenchmarkItem>(
            await run.Stages.GetAsync("recognition", () => ScoreAsync(model, cancellationToken)).ConfigureAwait(false)
        );
        run.Progress?.Report(new(Name, 1, 2, "recall"));
        items.AddRange(
            await run.Stages.GetAsync("recall", () => WriteAsync(model, cancellationToken)).ConfigureAwait(false)
        );
        run.Progress?.Report(new(Name, 2, 2));
        return new(
            Name,
            model.Name,
            [
                BenchmarkScore.Of(Recognition, ScoreMeaning.Other, items, chance: 0.5),
                BenchmarkScore.Of(Exact, ScoreMeaning.Other, items),
                BenchmarkScore.Of(Tokens, ScoreMeaning.Forgotten, items),
                BenchmarkScore.Of(Continuation, ScoreMeaning.Other, items),
                BenchmarkScore.Of(WithPrompt, ScoreMeaning.Other, items),
                BenchmarkScore.Of(Floor, ScoreMeaning.Other, items),
            ],
            items
        );
    }

    private async Task<List<BenchmarkItem>> ScoreAsync(IScoredModel model, CancellationToken cancellationToken)
    {
        TokenSequence[] sequences =
        [
            .. pairs.Select((pair, i) => new TokenSequence(Ids(model, pair.Text), 1, i)),
            .. pairs.Select((pair, i) => new TokenSequence(Ids(model, pair.Foil), 1, i)),
        ];
        var scores = await model
            .ScoreAsync(sequences, new() { BatchSize = options.BatchSize }, cancellationToken)
            .ConfigureAwait(false);
        var items = new List<BenchmarkItem>();
        foreach (var (i, pair) in pairs.Index())
        {
            // A tie is an error: a model that tells nothing apart is not right.
            var recognised = scores[i].MeanNll < scores[pairs.Count + i].MeanNll;
            var half = sequences[i].Ids.Length / 2;
            var right = Memorization.Exact(sequences[i].Ids.AsSpan(half), scores[i].Greedy.AsSpan(half - 1));
            items.AddRange([
                new(Recognition, pair.Id, recognised ? 1 : 0),
                new(Exact, pair.Id, right == 1 ? 1 : 0),
                new(Tokens, pair.Id, right),
            ]);
        }

        return items;
    }

    private async Task<List<BenchmarkItem>> WriteAsync(IScoredModel model, CancellationToken cancellationToken)
    {
        var texts = pairs.Select(pair => Ids(model, pair.Text)).ToArray();
        var said = new string[texts.Length];
        // As many tokens as the text has: rows of one length go together, and none may end early.
        foreach (var alike in texts.Index().GroupBy(text => text.Item.Length - text.Item.Length / 2))
        {
            var written = await Completing(model)
                .CompleteAsync(
                    [.. alike.Select(text => text.Item[..(text.Item.Length / 2)])],
                    new()
                    {
                        MaxNewTokens = alike.Key,
                        LogitProcessors = [new ForbiddenTokens(model.EndTokens)],
                        BatchSize = options.BatchSize,
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var (text, reply) in alike.Zip(written))
                said[text.Index] = reply;
        }

        return
        [
            .. pairs
                .Index()
                .SelectMany(pair => Written(model.Tokenizer, pair.Item, texts[pair.Index], said[pair.Index])),
        ];
    }

    private static IEnumerable<BenchmarkItem> Written(Tokenizer tokenizer, StudiedText pair, int[] ids, string said)
    {
        var half = ids.Length / 2;
        var (whole, first) = (tokenizer.Decode(ids), tokenizer.Decode(ids.AsSpan(0, half)));
        var second = tokenizer.Decode(ids.AsSpan(half));
        BenchmarkItem Of(string score, string expected, string text) =>
            new(score, pair.Id, Rouge.L(expected, text, stem: false).F1)
            {
                Prompt = first,
                Expected = expected,
                Said = text,
            };
        return [Of(Continuation, second, said), Of(WithPrompt, whole, first + said), Of(Floor, whole, first)];
    }

    private int[] Ids(IScoredModel model, string text)
    {
        var ids = model.Tokenizer.Encode(text);
        return ids.Length > options.BlockTokens ? ids[..options.BlockTokens] : ids;
    }
}
