using FsCheck;
using FsCheck.Fluent;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>Identities that hold for every family, on random sizes, tokens and padding.</summary>
public sealed class CausalLMPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(25);
    private static readonly string[] Families =
    [
        "llama",
        "gpt2",
        "gpt_neox",
        "gemma2",
        "phi",
        "olmo2",
        "qwen3",
        "mixtral",
        "mistral",
    ];

    [Fact]
    public void Permuting_the_rows_of_a_batch_permutes_the_logits() =>
        Check(
            (model, random) =>
            {
                var (rows, tokens) = (2 + random.Below(4), 1 + random.Below(9));
                var ids = Ids(random, rows, tokens);
                var order = tensor(random.Permutation(rows).Select(i => (long)i).ToArray());
                var logits = model.Forward(new() { TokenIds = ids }).Logits!;
                AssertNear(
                    logits.index_select(0, order),
                    model.Forward(new() { TokenIds = ids.index_select(0, order) }).Logits!
                );
            }
        );

    [Fact]
    public void Padding_on_either_side_does_not_change_the_logits_of_real_tokens() =>
        Check(
            (model, random) =>
            {
                var (tokens, pads) = (1 + random.Below(8), 1 + random.Below(5));
                var (ids, pad) = (Ids(random, 1, tokens), Ids(random, 1, pads));
                var (on, off) = (ones([1, tokens], dtype: ScalarType.Int64), zeros([1, pads], dtype: ScalarType.Int64));
                var plain = model.Forward(new() { TokenIds = ids }).Logits!;
                var left = model
                    .Forward(new() { TokenIds = cat([pad, ids], 1), AttentionMask = cat([off, on], 1) })
                    .Logits!;
                var right = model
                    .Forward(new() { TokenIds = cat([ids, pad], 1), AttentionMask = cat([on, off], 1) })
                    .Logits!;
                AssertNear(plain, left.narrow(1, pads, tokens));
                AssertNear(plain, right.narrow(1, 0, tokens));
            }
        );

    [Fact]
    public void A_cache_filled_in_random_chunks_gives_the_logits_of_one_pass() =>
        Check(
            (model, random) =>
            {
                var (rows, tokens) = (1 + random.Below(3), 2 + random.Below(12));
                var ids = Ids(random, rows, tokens);
                var whole = model.Forward(new() { TokenIds = ids }).Logits!;
                using var cache = new KvCache(model.Config, rows, 1);
                for (var start = 0; start < tokens; )
                {
                    var count = Math.Min(1 + random.Below(4), tokens - start);
                    var part = model.Forward(new() { TokenIds = ids.narrow(1, start, count), Cache = cache }).Logits!;
                    AssertNear(whole.narrow(1, start, count), part);
                    start += count;
                }
            }
        );

    [Fact]
    public void Padding_on_either_side_goes_through_the_cache() =>
        Check(
            (model, random) =>
            {
                var (tokens, pads, more) = (1 + random.Below(6), 1 + random.Below(4), 1 + random.Below(4));
                var (ids, pad) = (Ids(random, 1, tokens + more), Ids(random, 1, pads));
                var plain = model.Forward(new() { TokenIds = ids }).Logits!.narrow(1, tokens, more);
                foreach (var left in new[] { true, false })
                {
                    var prompt = ids.narrow(1, 0, tokens);
                    var (on, off) = (
                        ones([1, tokens], dtype: ScalarType.Int64),
                        zeros([1, pads], dtype: ScalarType.Int64)
                    );
                    var mask = left ? cat([off, on], 1) : cat([on, off], 1);
                    using var cache = new KvCache(model.Config, 1, 1);
                    model.Forward(
                        new()
                        {
                            TokenIds = left ? cat([pad, prompt], 1) : cat([prompt, pad], 1),
                            AttentionMask = mask,
                            Cache = cache,
                        }
                    );
                    for (var t = 0; t < more; t++)
                    {
                        mask = cat([mask, ones([1, 1], dtype: ScalarType.Int64)], 1);
                        var next = model.Forward(
                            new()
                            {
                                TokenIds = ids.narrow(1, tokens + t, 1),
                                AttentionMask = mask,
                                Cache = cache,
                            }
                        );
                        AssertNear(
                            plain.narrow(1, t, 1),
                            next.Logits!,
                            $"{model.Config.Family}, padding on the {(left ? "left" : "right")}"
                        );
                    }
                }
            }
        );

    [Fact]
    public void Saving_and_loading_is_bit_identical() =>
        Check(
            (model, random) =>
            {
                using var folder = new TestKit.TemporaryFolder();
                ModelFolder.Save(model, folder.Path, maxShardBytes: 1 + random.Below(20_000));
                using var loaded = ModelFolder.Load(folder.Path);
                var ids = Ids(random, 2, 5);
                Assert.True(
                    model
                        .Forward(new() { TokenIds = ids })
                        .Logits!.eq(loaded.Forward(new() { TokenIds = ids }).Logits!)
                        .all()
                        .item<bool>()
                );
            }
        );

    private static void Check(Action<CausalLM, SeededRandom> holds) =>
        Prop.ForAll(
                Gen.Choose(0, 1_000_000).ToArbitrary(),
                seed =>
                {
                    using var scope = NewDisposeScope();
                    using var grad = no_grad();
                    var random = new SeededRandom((ulong)seed);
                    using var model = new CausalLM(
                        NewConfig(Families[random.Below(Families.Length)], random),
                        (ulong)seed
                    );
                    holds(model, random);
                }
            )
            .Check(Runs);

    private static Tensor Ids(SeededRandom random, int rows, int tokens) =>
        tensor(Enumerable.Range(0, rows * tokens).Select(_ => (long)random.Below(50)).ToArray(), [rows, tokens]);

    private static DecoderConfig NewConfig(string family, SeededRandom random)
    {
        var size = 4 * (1 + random.Below(3));
        var heads = 2 * (1 + random.Below(2));
        var kv = family is "gpt2" or "phi" or "gpt_neox" || random.Below(2) == 0 ? heads : heads / 2;
        var width = family == "gpt2" ? 4 * size * heads : 8 + 4 * random.Below(6);
        var config = new DecoderConfig
        {
            Family = family,
            VocabularySize = 50,
            HiddenSize = size * heads,
            IntermediateSize = width,
            Layers = 1 + random.Below(3),
            Heads = heads,
            KeyValueHeads = kv,
            HeadSize = size,
            MaxPositions = 64,
            InitializerRange = 0.2,
            TiedHead = family is "gpt2" or "gemma2",
        };
        return family switch
        {
            "gpt2" => Older(config) with { LearnedPositions = true },
            "gpt_neox" => Older(config) with { ParallelBlock = true, QueryKeyValueByHead = true },
            "phi" => Older(config) with { ParallelBlock = true, SharedBlockNorm = true, HeadBias = true },
            "gemma2" => Gemma(config),
            "olmo2" => config with { NormPlacement = NormPlacement.After, QueryKeyNorm = QueryKeyNorm.AllHeads },
            "qwen3" => config with { QueryKeyNorm = QueryKeyNorm.PerHead },
            "mistral" => config with { SlidingWindow = 4 },
            "mixtral" => config with { Experts = Experts(width) },
            _ => config,
        };
    }

    private static DecoderConfig Older(DecoderConfig config) =>
        config with
        {
            GatedMlp = false,
            Activation = Activation.GeluTanh,
            Norm = NormKind.Layer,
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            MlpBias = true,
        };

    private static DecoderConfig Gemma(DecoderConfig config) =>
        config with
        {
            Activation = Activation.GeluTanh,
            Norm = NormKind.RootMeanSquarePlusOne,
            NormPlacement = NormPlacement.Both,
            AttentionSoftCap = 50,
            LogitSoftCap = 30,
            EmbeddingScale = Math.Sqrt(config.HiddenSize),
            AttentionScale = 1 / Math.Sqrt(config.HeadSize),
            SlidingWindow = 4,
            WindowedLayers = [0],
        };

    private static ExpertConfig Experts(int width) =>
        new()
        {
            Count = 3,
            PerToken = 2,
            IntermediateSize = width,
            NormalizeChosen = true,
        };

    private static void AssertNear(Tensor expected, Tensor actual, string what = "logits") =>
        GoldenModel.AssertClose(expected, actual, null, what, 1e-4);
}
