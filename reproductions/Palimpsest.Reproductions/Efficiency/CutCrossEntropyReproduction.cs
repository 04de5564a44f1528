using System.Diagnostics;

namespace Palimpsest.Reproductions;

/// <summary>
/// Cut cross-entropy needs a fraction of the memory of the dense loss, no more time, and trains the same model. Wijmans
/// et al.
/// 2024, arXiv:2411.09009.
/// </summary>
/// <param name="steps">Steps of each training run.</param>
public sealed class CutCrossEntropyReproduction(int steps = 200) : IReproduction, IChildMeasurement
{
    private const int Rows = 2048,
        Vocabulary = 32768,
        Width = 256;
    private const string Dense = "dense",
        Tiled = "tiled",
        Reversed = "dense, rows reversed";
    private const string Memory = "extra peak memory (MiB)",
        Time = "time of loss and gradients (ms)";
    private const string Difference = "largest difference of the training losses";
    private const string Skipped = "share of tiles skipped",
        Sorted = "share of tiles skipped, sorted";
    private static readonly TiledCrossEntropyOptions Tiles = new() { RowTile = 64, VocabularyTile = 128 };

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string Claim =>
        "The loss computed tile by tile takes less than an eighth of the dense loss's memory and at most 1.1 times its "
        + "time, and training with it gives "
        + "the same losses. On a model that is sure of its answers more tiles can be skipped than on a new one, and no "
        + "fewer when the vocabulary is sorted.";

    /// <inheritdoc/>
    public string Baseline =>
        "The dense loss: the matrix of tokens by vocabulary and libtorch's cross_entropy, in a process of its own like "
        + "the tiled one.";

    /// <inheritdoc/>
    public string Setting =>
        $"Memory and time: {Rows} tokens, {Vocabulary} entries, width {Width}, float32, one pass after a warm-up on "
        + $"small matrices, then the median of five more. "
        + $"Training: {steps} steps of a 0.9M-parameter model on a world's texts, tiles of 64 by 128, AdamW at 1e-3; "
        + "the dense loss with its rows summed in reverse order shows what rounding alone does. Skipping: the same "
        + "tiles, threshold 2^-12 (bfloat16's), "
        + "a new model and the one that learnt the world.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAbove("extra memory: dense > 8 x tiled", v => v[Dense, Memory] - 8 * v[Tiled, Memory]),
        Criterion.MeanAtLeast("time: tiled <= 1.1 x dense", v => 1.1 * v[Dense, Time] - v[Tiled, Time]),
        Criterion.EverySeed("losses of all steps equal within 1e-3", v => 1e-3 - v[Tiled, Difference]),
        Criterion.EverySeed("new model: at most 1 % of the tiles skipped", v => 0.01 - v["new model", Skipped]),
        Criterion.MeanAbove(
            "more tiles skipped on the trained model",
            v => v["trained model", Skipped] - v["new model", Skipped]
        ),
        Criterion.EverySeed(
            "sorted: no fewer tiles skipped",
            v => v["trained model", Sorted] - v["trained model", Skipped]
        ),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> ChildArms { get; } = [Dense, Tiled];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        var values = new List<Measurement>();
        foreach (var arm in ChildArms)
            values.AddRange(
                await context
                    .MeasureInChildAsync("cut-cross-entropy", arm, seed, cancellationToken)
                    .ConfigureAwait(false)
            );
        var world = World.Generate(context.World with { Seed = seed });
        using var trained = await context
            .ModelAsync(world, ModelRole.Original, cancellationToken)
            .ConfigureAwait(false);
        TokenSequence[] rows =
        [
            .. world
                .TrainingTexts(withForgotten: true)
                .Select((text, row) => PeopleRecipe.Encode(trained.Tokenizer, text, row)),
        ];
        async Task<double[]> Train(string arm)
        {
            using var model = new CausalLM(trained.Decoder.Config, seed);
            var losses = new LossCurve(context.Progress, $"Training with the {arm} loss");
            var data = new SequenceBatchSource(rows, batchSize: 16, trained.PadId, seed);
            var training = new TrainOptions { MaxSteps = steps, Seed = seed };
            var loss = new HeadLoss(arm == Tiled ? Tiles : null, reversed: arm == Reversed);
            await new Trainer(training).RunAsync(model, data, loss, losses, cancellationToken).ConfigureAwait(false);
            return [.. losses.Values];
        }

        var dense = await Train(Dense).ConfigureAwait(false);
        values.AddRange([new(Dense, "first training loss", dense[0]), new(Dense, "last training loss", dense[^1])]);
        foreach (var arm in new[] { Tiled, Reversed })
        {
            double[] differences = [.. dense.Zip(await Train(arm).ConfigureAwait(false), (a, b) => Math.Abs(a - b))];
            values.AddRange([
                new(arm, Difference, differences.Max()),
                new(arm, "largest difference in the first 20 steps", differences.Take(20).Max()),
            ]);
        }

        using var fresh = new CausalLM(trained.Decoder.Config, seed);
        foreach (var (name, model) in new[] { ("new model", fresh), ("trained model", trained.Decoder) })
        {
            using var batch = TokenBatch.Collate([.. rows.Take(64)], trained.PadId);
            values.AddRange([
                new(name, Skipped, HeadLoss.SkippedShare(model, batch, Tiles, sorted: false)),
                new(name, Sorted, HeadLoss.SkippedShare(model, batch, Tiles, sorted: true)),
            ]);
        }

        return values;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Measurement> MeasureInChild(string arm, ulong seed)
    {
        Pass(arm, 32, 64, 16, seed)();
        var pass = Pass(arm, Rows, Vocabulary, Width, seed);
        var bytes = PeakMemory.Of(pass);
        var times = new double[5];
        for (var i = 0; i < times.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            pass();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return [new(arm, Memory, bytes / (double)(1 << 20)), new(arm, Time, times.Order().ElementAt(times.Length / 2))];
    }

    private static Action Pass(string arm, int rows, int vocabulary, int width, ulong seed)
    {
        using var generator = new torch.Generator(seed, CPU);
        var hidden = randn([rows, width], generator: generator).requires_grad_();
        var classifier = randn([vocabulary, width], generator: generator).mul_(0.05).requires_grad_();
        var labels = randint(vocabulary, [rows], dtype: ScalarType.Int64, generator: generator);
        return () =>
        {
            using var scope = NewDisposeScope();
            var loss =
                arm == Tiled
                    ? TiledCrossEntropy.Loss(hidden, classifier, labels, LossReduction.TokenMean)
                    : nn.functional.cross_entropy(hidden.mm(classifier.t()), labels);
            loss.backward();
            hidden.grad = null;
            classifier.grad = null;
        };
    }
}
