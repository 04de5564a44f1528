using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class UnlearnerTests
{
    internal static readonly DecoderConfig Config = DecoderConfig.TinyLlama(
        32,
        hiddenSize: 16,
        layers: 2,
        heads: 2,
        keyValueHeads: 1,
        intermediateSize: 32,
        maxPositions: 16
    );

    /// <summary>A model that a method can work on.</summary>
    internal static CausalLM ModelFor(string id) => new(id == "uoe" ? WithExperts : Config, seed: 1);

    internal static readonly DecoderConfig WithExperts = Config with
    {
        Family = "mixtral",
        Experts = new()
        {
            Count = 4,
            PerToken = 2,
            IntermediateSize = 16,
            NormalizeChosen = true,
        },
    };

    public static TheoryData<string> Ids => [.. Catalog.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_method_changes_a_copy_and_leaves_the_original_as_it_was(string id)
    {
        using var original = ModelFor(id);
        var before = Weights(original);

        var result = await Method(id).RunAsync(Job(original));

        using var made = result as IDisposable ?? result.Model;
        Assert.Equal(before, Weights(original));
        Assert.NotEqual(before, Made(result));
        Assert.All(Made(result), value => Assert.True(float.IsFinite(value)));
        Assert.Equal(id is "loku" or "uld" or "dp2unlearning", result.KnowledgeInStoredWeights);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_same_seed_gives_the_same_weights_and_another_seed_others(string id)
    {
        using var original = ModelFor(id);
        async Task<float[]> Run(ulong seed)
        {
            var result = await Method(id).RunAsync(Job(original, seed));
            using var made = result as IDisposable ?? result.Model;
            return Made(result);
        }

        var first = await Run(5);
        Assert.Equal(first, await Run(5));
        Assert.NotEqual(first, await Run(6));
    }

    [Theory]
    [InlineData("ga")]
    [InlineData("npo-kl")]
    public async Task An_adapter_alone_is_trained_and_the_stored_weights_are_said_to_hold_the_knowledge(string id)
    {
        using var original = new CausalLM(Config, seed: 1);
        var result = await Method(id).RunAsync(Job(original) with { Lora = new() { Rank = 2 } });

        using var changed = result.Model;
        Assert.NotNull(result.Adapter);
        Assert.True(result.KnowledgeInStoredWeights);
        Assert.Equal(Weights(original), Weights(changed));
        result.Adapter.Merge();
        Assert.NotEqual(Weights(original), Weights(changed));
    }

    [Theory]
    [InlineData("ga")]
    [InlineData("npo")]
    [InlineData("simnpo")]
    public async Task Answers_that_were_known_become_less_likely(string id)
    {
        using var original = new CausalLM(Config, seed: 1);
        var job = Job(original) with
        {
            Training = new()
            {
                MaxSteps = 40,
                Optimizer = new() { LearningRate = 3e-3 },
            },
        };
        var lessons = new SequenceBatchSource([.. job.Forget, .. job.Retain], batchSize: 13, job.PadId, seed: 1);
        await new Trainer(
            new()
            {
                MaxSteps = 150,
                Optimizer = new() { LearningRate = 1e-2 },
            }
        ).RunAsync(original, lessons, new NextTokenLoss());
        Assert.True(Nll(original, job.Forget) < 1, $"not learnt: {Nll(original, job.Forget)}");
        using var changed = (await Method(id).RunAsync(job)).Model;
        Assert.True(
            Nll(changed, job.Forget) > Nll(original, job.Forget) + 1,
            $"{Nll(original, job.Forget)} to {Nll(changed, job.Forget)}"
        );
    }

    [Fact]
    public async Task The_first_loss_of_npo_is_that_of_a_model_equal_to_its_reference()
    {
        using var original = new CausalLM(Config, seed: 1);
        var seen = new Recorder();
        using var changed = (await Method("npo").RunAsync(Job(original), seen)).Model;
        Assert.Equal(2 / 0.1 * Math.Log(2), seen.Steps[0].Loss, tolerance: 1e-4);
    }

    [Fact]
    public void A_cached_reference_gives_the_loss_of_a_second_model()
    {
        using var original = new CausalLM(Config, seed: 1);
        using var policy = new CausalLM(Config, seed: 2);
        var job = Job(original);
        var cached = UnlearningObjective.SequenceNll(
            original,
            job.Forget,
            job.PadId,
            job.BatchSize,
            CancellationToken.None
        );
        using var source = new StepBatches(
            new Dictionary<string, TokenBatch> { [StepBatches.Forget] = TokenBatch.Collate(job.Forget, job.PadId) }
        );
        var objective = new UnlearningObjective(new Npo(new()), new NpoOptions(), original, cached, []);

        using var scope = NewDisposeScope();
        var batch = source[StepBatches.Forget];
        Tensor Logits(CausalLM model) =>
            model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask }).Logits!;
        var expected = new Npo(new()).Loss(new(ScoredBatch.FromLogits(batch, Logits(policy), Logits(original))));
        var actual = objective.Loss(policy, source, default);
        Assert.Equal(expected.item<float>(), actual.item<float>(), tolerance: 1e-4f);
    }

    [Theory]
    [InlineData("npo")]
    [InlineData("npo-rt")]
    [InlineData("dpo")]
    [InlineData("dpo-rt")]
    public void A_method_that_reads_sums_of_the_reference_alone_never_runs_it_again(string id)
    {
        using var policy = new CausalLM(Config, seed: 2);
        var gone = new CausalLM(Config, seed: 1);
        var job = Job(gone);
        float[] Cached(IEnumerable<TokenSequence> rows) =>
            UnlearningObjective.SequenceNll(gone, [.. rows], job.PadId, job.BatchSize, CancellationToken.None);
        var (forget, alternate) = (Cached(job.Forget), Cached(job.Alternates.SelectMany(answers => answers)));
        var source = new ForgetBatchSource(job, readsRetain: true, readsAlternates: true);
        using var batches = source.Batch(0);
        gone.Dispose();
        IForgetObjective objective = id.StartsWith("npo", StringComparison.Ordinal) ? new Npo(new()) : new Dpo(new());
        var options = new NpoOptions
        {
            Retain = id.EndsWith("-rt", StringComparison.Ordinal) ? RetainTerm.Nll : RetainTerm.None,
        };

        using var scope = NewDisposeScope();
        var loss = new UnlearningObjective(objective, options, gone, forget, alternate).Loss(policy, batches, default);
        Assert.True(double.IsFinite(loss.item<float>()));
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_the_cancellation_and_the_original_is_unchanged()
    {
        using var original = new CausalLM(Config, seed: 1);
        var before = Weights(original);
        using var stop = new CancellationTokenSource();
        var progress = new Recorder { After = stop.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Method("ga").RunAsync(Job(original) with { Training = new() { MaxSteps = 1000 } }, progress, stop.Token)
        );
        Assert.Equal(before, Weights(original));
        Assert.InRange(progress.Steps.Count, 1, 2);
    }

    [Theory]
    [InlineData("npo-kl")]
    [InlineData("dpo")]
    [InlineData("undial")]
    public async Task No_tensor_is_left_over_by_two_hundred_steps(string id)
    {
        using var original = new CausalLM(Config, seed: 1);
        var live = new LiveTensors();
        using var changed = (
            await Method(id).RunAsync(Job(original) with { Training = new() { MaxSteps = 200 } }, live)
        ).Model;
        Assert.Equal(200, live.Counts.Count);
        Assert.Equal(live.Counts[2], live.Counts[^1]);
    }

    internal static UnlearnJob Job(CausalLM model, ulong seed = 1) =>
        new()
        {
            Model = model,
            PadId = 0,
            Forget =
            [
                .. Rows(6, first: 3)
                    .Select(row => row with { Tags = [.. row.Ids.Select((_, i) => i == row.Ids.Length - 2 ? 1 : 0)] }),
            ],
            Retain = Rows(7, first: 11),
            Alternates =
            [
                .. Enumerable.Range(0, 6).Select(row => (IReadOnlyList<TokenSequence>)[.. Rows(2, first: 20 + row)]),
            ],
            BatchSize = 4,
            Training = new()
            {
                Epochs = 2,
                Seed = seed,
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };

    internal static IUnlearningMethod Method(string id) =>
        id == "dp2unlearning"
            ? new Dp2Unlearning(new() { Epsilon = 1, Delta = 1e-5 })
            : Catalog.Find(id).CreateDefault();

    /// <summary>The weights that a run made: a decoder's with its adapter's, or an assistant's.</summary>
    internal static float[] Made(UnlearnResult result)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. Weights(result is Composed pair ? pair.Assistant : result.Model),
            .. (result.Adapter?.ParameterRefs ?? []).SelectMany(p => p.Storage.detach().data<float>().ToArray()),
        ];
    }

    internal static TokenSequence[] Rows(int count, int first) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(row => new TokenSequence(
                    [
                        1,
                        .. Enumerable.Range(0, 5 + row % 3).Select(i => 3 + (first + 5 * row + 7 * i * (row + 1)) % 29),
                        2,
                    ],
                    3,
                    row
                )),
        ];

    private static float[] Weights(CausalLM model)
    {
        using var scope = NewDisposeScope();
        return [.. model.ExportWeights().SelectMany(weight => weight.Value.data<float>().ToArray())];
    }

    private static double Nll(CausalLM model, IReadOnlyList<TokenSequence> rows) =>
        UnlearningObjective.SequenceNll(model, rows, padId: 0, batchSize: 4, CancellationToken.None).Average();

    private sealed class LiveTensors : IProgress<TrainProgress>
    {
        public List<long> Counts { get; } = [];

        public void Report(TrainProgress value) =>
            Counts.Add(TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private sealed class Recorder : IProgress<TrainProgress>
    {
        public List<TrainProgress> Steps { get; } = [];

        public Action After { get; init; } = () => { };

        public void Report(TrainProgress value)
        {
            Steps.Add(value);
            After();
        }
    }
}
