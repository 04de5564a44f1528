using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>Models that compute with a GGUF file's own codes.</summary>
public sealed class StoredProjectionTests
{
    private const int Vocabulary = 270;

    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat"],
        new() { VocabularySize = Vocabulary, LeastCount = 1 }
    );

    /// <summary>Types, and whether head and embedding are one.</summary>
    public static TheoryData<GgufType, bool> Files =>
        [
            .. ((GgufType[])[GgufType.Q8_0, GgufType.Q4_0, GgufType.F16]).SelectMany(
                type => (bool[])[true, false],
                (type, tied) => (type, tied)
            ),
        ];

    [Theory, MemberData(nameof(Files))]
    public void A_pass_over_tokens_gives_the_dequantised_logits_and_a_step_nearly(GgufType type, bool tied)
    {
        using var files = new Written(type, tied);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Assert.All(files.Stored.Projections, place => Assert.IsType<StoredProjection>(place.Projection));
        Assert.True(files.Dense.ParameterRefs.Zip(files.Stored.ParameterRefs).All(IsSame));
        var ids = Ids(3, 7);
        var expected = Logits(files.Dense, ids);
        Assert.True(Error(expected, Logits(files.Stored, ids)) < 1e-5);
        var two = ids.narrow(1, 0, 2);
        Assert.True(Error(Logits(files.Dense, two), Logits(files.Stored, two)) < 1e-5);
        var steps = Stepwise(files.Stored, ids);
        // A type without products of integers is decoded in a step, too.
        Assert.InRange(Error(expected, steps), type == GgufType.F16 ? 0 : 1e-6, type == GgufType.F16 ? 1e-5 : 2e-2);
        for (var row = 0; row < 3; row++)
            Assert.True(
                Stepwise(files.Stored, ids.narrow(0, row, 1)).equal(steps.narrow(0, row, 1)).all().item<bool>(),
                $"row {row} depends on those beside it"
            );
    }

    [Fact]
    public void Many_rows_of_one_token_are_multiplied_as_one_is()
    {
        using var files = new Written(GgufType.Q4_0, tied: true);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var ids = Ids(40, 2);
        var all = Stepwise(files.Stored, ids);
        Assert.True(Stepwise(files.Stored, ids.narrow(0, 33, 1)).equal(all.narrow(0, 33, 1)).all().item<bool>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Token_losses_and_gradients_of_adapters_are_those_of_dequantised_weights(bool tied)
    {
        using var files = new Written(GgufType.Q4_0, tied);
        var (dense, stored) = (Learn(files.Dense), Learn(files.Stored));
        Assert.Equal(dense.Loss, stored.Loss, 1e-4);
        Assert.NotEmpty(dense.Gradients);
        foreach (var (expected, actual) in dense.Gradients.Zip(stored.Gradients))
            Assert.InRange(expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-4);
        Assert.Contains(dense.Gradients, gradient => gradient.Any(value => Math.Abs(value) > 1e-3));
    }

    [Fact]
    public void The_file_stays_mapped_until_the_last_model_is_disposed()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("x.gguf"), GgufType.Q8_0, tied: false);
        var file = GgufFile.Open(folder.File("x.gguf"));
        var model = GgufModel.LoadStored(file);
        file.Dispose();
        file.Dispose();
        var copy = model.Clone();
        model.Dispose();
        Assert.True(file.IsMapped);
        using (NewDisposeScope())
            Assert.True(Logits(copy, Ids(1, 3)).isfinite().all().item<bool>());
        copy.Dispose();
        Assert.False(file.IsMapped);
    }

    [Fact]
    public void Weights_take_the_bytes_of_their_codes()
    {
        using var files = new Written(GgufType.Q4_0, tied: true);
        var codes = files.Stored.Projections.Select(place => place.Projection).Distinct().Sum(p => p.CodeBytes);
        using (var file = GgufFile.Open(files.Path))
            Assert.Equal(file.Tensors.Where(tensor => tensor.Type != GgufType.F32).Sum(t => t.ByteCount), codes);
        Assert.True(files.Stored.ByteCount <= 1.1 * codes, $"{files.Stored.ByteCount} bytes for {codes} of codes");
    }

    [Fact]
    public void What_needs_parameters_says_how_they_are_held()
    {
        using var files = new Written(GgufType.Q8_0, tied: true);
        foreach (var act in (Action[])[() => _ = files.Stored.HeadWeight, () => _ = files.Stored.EmbeddingWeight])
            Assert.Contains("GGUF", Assert.Throws<InputException>(act).Message, StringComparison.Ordinal);
        Assert.Contains(
            "GGUF",
            Assert.Throws<InputException>(() => files.Stored.RequireDense("Training")).Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(files.Stored.named_parameters(), parameter => parameter.name == "embedding");
        Assert.All(files.Stored.parameters(), parameter => Assert.False(parameter.requires_grad));
        using var dense = files.Stored.CloneFrozen();
        Assert.True(dense.IsDense);
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_refused()
    {
        using var files = new Written(GgufType.Q8_0, tied: true);
        using var scope = NewDisposeScope();
        foreach (var id in (long[])[-1, Vocabulary])
        {
            var error = Assert.Throws<InputException>(() => Logits(files.Stored, tensor(new[] { id }, [1, 1])));
            Assert.Contains($"{id}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_scale_that_is_no_number_is_refused_by_the_name_of_its_tensor()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("x.gguf");
        Write(path, GgufType.Q8_0, tied: true);
        const string name = "blk.1.ffn_down.weight";
        long place;
        using (var file = GgufFile.Open(path))
            place = file.Find(name)!.Start + 34;
        using (var stream = File.OpenWrite(path))
        {
            stream.Position = place;
            stream.Write([0x00, 0x7C]);
        }

        var error = Assert.Throws<InputException>(() => ModelFiles.LoadStored(path));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("infinity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_holds_no_codes()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InputException>(() => ModelFiles.LoadStored(folder.Path));
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Every projection of this library has a contract.</summary>
    public sealed class Contract : ProjectionContract
    {
        [Fact]
        public void Every_projection_is_here() =>
            Assert.Empty(ContractCoverage.Missing<Projection>(typeof(GgufModel).Assembly, [typeof(StoredProjection)]));

        protected override Type Kind => typeof(StoredProjection);

        protected override bool Trains => false;

        protected override void Replace(CausalLM model)
        {
            using var folder = new TemporaryFolder();
            var tokenizer = BpeTrainer.Train(["a b"], new() { VocabularySize = 261, LeastCount = 1 });
            using var larger = new CausalLM(model.Config with { VocabularySize = tokenizer.VocabularySize }, seed: 5);
            GgufExport.Write(larger, tokenizer, folder.File("x.gguf"), new() { Type = GgufType.Q4_0 });
            using var stored = ModelFiles.LoadStored(folder.File("x.gguf"));
            var blocks = model.Projections.Zip(stored.Projections).Where(pair => pair.First.Layer is not null);
            foreach (var (place, other) in blocks.DistinctBy(pair => pair.First.Slot).ToArray())
                model.ReplaceProjection(place.Slot, dense => other.Projection.Clone(dense.Bias));
        }
    }

    private static bool IsSame((ParameterRef First, ParameterRef Second) pair) =>
        pair.First.Name == pair.Second.Name && pair.First.Value().equal(pair.Second.Value()).all().item<bool>();

    private static Tensor Ids(int rows, int tokens)
    {
        using var generator = new Generator(3, CPU);
        return randint(0, Vocabulary, [rows, tokens], dtype: ScalarType.Int64, generator: generator);
    }

    private static Tensor Logits(CausalLM model, Tensor ids) => model.Forward(new() { TokenIds = ids }).Logits!;

    private static Tensor Stepwise(CausalLM model, Tensor ids)
    {
        using var cache = new KvCache(model.Config, (int)ids.shape[0], (int)ids.shape[1]);
        var steps = Enumerable
            .Range(0, (int)ids.shape[1])
            .Select(t => model.Forward(new() { TokenIds = ids.narrow(1, t, 1), Cache = cache }).Logits!);
        return cat([.. steps], 1);
    }

    private static float Error(Tensor expected, Tensor actual) =>
        ((actual - expected).norm() / expected.norm()).item<float>();

    private static (double Loss, float[][] Gradients) Learn(CausalLM model)
    {
        using var scope = NewDisposeScope();
        using var adapter = LoraAdapter.Attach(model, "x", new() { Rank = 2 }, seed: 4);
        foreach (var (_, value) in adapter.TrainableParameters)
        {
            using (no_grad())
                value.add_(0.05f);
        }

        var sequences = new[] { new TokenSequence([1, 5, 9, 2, 7], 0), new TokenSequence([4, 4, 8], 1) };
        using var batch = TokenBatch.Collate(sequences, 0);
        var loss = TokenNll.PerToken(model, batch).sum();
        loss.backward();
        return (
            loss.item<float>(),
            [.. adapter.TrainableParameters.Select(p => p.Value.grad!.data<float>().ToArray())]
        );
    }

    private static void Write(string path, GgufType type, bool tied)
    {
        var config = DecoderConfig.TinyLlama(Words.VocabularySize, 64, 2, 4, 2, 96, 128) with { TiedHead = tied };
        using var model = new CausalLM(config, seed: 5);
        using (no_grad())
        {
            foreach (var parameter in model.parameters())
                parameter.mul_(3);
        }

        GgufExport.Write(model, Words, path, new() { Type = type });
    }

    private sealed class Written : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Written(GgufType type, bool tied)
        {
            Write(Path, type, tied);
            (Dense, Stored) = (ModelFiles.LoadDecoder(Path), ModelFiles.LoadStored(Path));
        }

        public string Path => _folder.File("x.gguf");

        public CausalLM Dense { get; }

        public CausalLM Stored { get; }

        public void Dispose()
        {
            Dense.Dispose();
            Stored.Dispose();
            _folder.Dispose();
        }
    }
}
