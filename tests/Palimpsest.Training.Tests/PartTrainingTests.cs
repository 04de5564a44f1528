using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Training.Tests;

/// <summary>Parts of a model that are no dense weights: a codebook beside a projection, and projections of factors and
/// columns.</summary>
public sealed class PartTrainingTests
{
    private const string Codebook = "codebook";
    private const string LowRankSparse = "low rank and columns";
    private const string WithActivation = "with an activation within";

    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable
            .Range(0, 8)
            .Select(row => new TokenSequence(
                [1, .. Enumerable.Range(0, 6).Select(i => 3 + (row * 7 + i * 3) % 40), 2],
                4,
                row
            )),
    ];

    public static TheoryData<string> Parts => [Codebook, LowRankSparse, WithActivation];

    [Theory, MemberData(nameof(Parts))]
    public async Task Training_lowers_the_loss_and_a_copy_goes_on_from_the_same_place(string part)
    {
        using var scope = NewDisposeScope();
        using var model = NewModel(part);
        var frozen = model.parameters().Where(p => !p.requires_grad).Select(p => p.clone()).ToArray();
        var losses = await TrainAsync(model, Options(null) with { MaxSteps = 30 });
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
        AssertSame(frozen, model.parameters().Where(p => !p.requires_grad));
        using var copy = model.Clone();
        var (one, other) = (await TrainAsync(model, Options(null)), await TrainAsync(copy, Options(null)));
        Assert.Equal(one, other);
        AssertSame(Trained(model), Trained(copy));
    }

    [Theory, MemberData(nameof(Parts))]
    public async Task Cut_off_and_resumed_is_bit_identical(string part)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var whole = NewModel(part);
        await TrainAsync(whole, Options(null));
        using (var cut = NewModel(part))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TrainAsync(cut, Options(folder.Path), 7));
        using var resumed = NewModel(part);
        await TrainAsync(resumed, Options(folder.Path));
        AssertSame(Trained(whole), Trained(resumed));
    }

    [Fact]
    public async Task A_checkpoint_puts_back_the_columns_keys_and_radii_that_the_run_had()
    {
        using var scope = NewDisposeScope();
        foreach (var part in new[] { Codebook, LowRankSparse })
        {
            using var folder = new TemporaryFolder();
            using var first = NewModel(part);
            await TrainAsync(first, Options(folder.Path));
            using var again = NewModel(part);
            foreach (var (_, value) in again.Buffers)
                value.zero_();
            await TrainAsync(again, Options(folder.Path));
            Assert.NotEmpty(again.Buffers);
            AssertSame(first.Buffers.Select(b => b.Value), again.Buffers.Select(b => b.Value));
            AssertSame(Trained(first), Trained(again));
        }
    }

    [Fact]
    public async Task A_checkpoint_of_a_codebook_with_more_entries_is_refused()
    {
        using var folder = new TemporaryFolder();
        using (var first = NewModel(Codebook))
            await TrainAsync(first, Options(folder.Path));
        using var fewer = NewModel(Codebook);
        var codebook = fewer.Attachments.OfType<GraceCodebook>().Single();
        codebook.Remove(codebook.Entries[^1]);
        var error = await Assert.ThrowsAsync<InputException>(() => TrainAsync(fewer, Options(folder.Path)));
        Assert.Contains("edits:value_7", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Category", "Golden")]
    public async Task Losses_values_and_logits_of_two_edits_are_those_of_the_reference()
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(
            GoldenFolder.Shipped("systems", "editing-baselines", "reference.safetensors")
        );
        using var json = JsonDocument.Parse(
            File.ReadAllText(GoldenFolder.Shipped("systems", "editing-baselines", "reference.json"))
        );
        var given = json.RootElement.GetProperty("cases").GetProperty("grace.model");
        using var model = ModelFolder.Load(GoldenFolder.Shipped("models", "llama"));
        using var codebook = GraceCodebook.Attach(
            model,
            "edits",
            new() { Projection = "model.layers.1.mlp.down_proj", Radius = given.GetProperty("eps").GetDouble() }
        );
        for (var edit = 0; edit < 2; edit++)
        {
            int[] Ids(string field) =>
                [.. given.GetProperty("edits")[edit].GetProperty(field).EnumerateArray().Select(id => id.GetInt32())];
            var (prompt, target) = (Ids("prompt_ids"), Ids("target_ids"));
            var name = $"grace.model.edit{edit}";
            codebook.Add(codebook.Query(prompt), target, golden.Read($"{name}.initial_value"));
            var row = new TokenSequence([.. prompt, .. target], prompt.Length, edit);
            var losses = await TrainAsync(
                model,
                new()
                {
                    MaxSteps = given.GetProperty("n_iter").GetInt32(),
                    Optimizer = new() { LearningRate = given.GetProperty("edit_lr").GetDouble(), WeightDecay = 0 },
                    ClipNorm = 0,
                },
                rows: [row]
            );
            AssertClose(golden.Read($"{name}.losses"), tensor(losses.Select(loss => (float)loss).ToArray()));
            AssertClose(golden.Read($"{name}.keys"), stack(codebook.Entries.Select(e => e.Key)));
            AssertClose(golden.Read($"{name}.values"), stack(codebook.Entries.Select(e => (Tensor)e.Value)));
            AssertClose(golden.Read($"{name}.radii"), tensor(codebook.Entries.Select(e => (float)e.Radius).ToArray()));
            AssertClose(golden.Read($"{name}.logits"), Logits(model, row)[(prompt.Length - 1)..]);
        }
    }

    private static Tensor Logits(CausalLM model, TokenSequence row)
    {
        using var grad = no_grad();
        using var batch = TokenBatch.Collate([row], 0);
        return model.Forward(new() { TokenIds = batch.Ids, AnswerMask = batch.LabelMask }).Logits![0];
    }

    private static CausalLM NewModel(string part)
    {
        var model = new CausalLM(
            DecoderConfig.TinyLlama(48, 32, 2, 4, 2, 64) with
            {
                TiedHead = false,
                InitializerRange = 0.1,
            },
            seed: 1
        );
        if (part != Codebook)
        {
            LowRankSparseProjection.Replace(
                model,
                new()
                {
                    Rank = 8,
                    ColumnShare = 0.1,
                    Activation = part == WithActivation ? LostActivation.BetweenFactors : LostActivation.None,
                }
            );
            return model;
        }

        var codebook = GraceCodebook.Attach(
            model,
            "edits",
            new() { Projection = "model.layers.1.mlp.down_proj", Radius = 0.001 }
        );
        foreach (var row in Rows)
        {
            using var query = codebook.Query(row.Ids[..row.LabelStart]);
            codebook.Add(query, row.Ids[row.LabelStart..]);
        }

        return model;
    }

    private static TrainOptions Options(string? folder) =>
        new()
        {
            MaxSteps = 10,
            Optimizer = new() { LearningRate = 0.02, WeightDecay = 0 },
            RunFolder = folder,
            CheckpointEvery = 3,
        };

    private static async Task<IReadOnlyList<double>> TrainAsync(
        CausalLM model,
        TrainOptions options,
        int? cutAt = null,
        TokenSequence[]? rows = null
    )
    {
        using var stop = new CancellationTokenSource();
        var watch = new Watch(cutAt, stop);
        rows ??= Rows;
        var data = new SequenceBatchSource(rows, rows.Length, 0, 1);
        await new Trainer(options).RunAsync(model, data, new NextTokenLoss(), watch, stop.Token);
        return watch.Losses;
    }

    private static IEnumerable<Tensor> Trained(CausalLM model) => model.TrainableParameters.Select(p => p.Value);

    private static void AssertSame(IEnumerable<Tensor> expected, IEnumerable<Tensor> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() < 1e-4f, $"{expected} {actual}");
    }

    private sealed class Watch(int? cutAt, CancellationTokenSource stop) : IProgress<TrainProgress>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainProgress value)
        {
            Losses.Add(value.Loss);
            if (value.Step == cutAt)
                stop.Cancel();
        }
    }
}
