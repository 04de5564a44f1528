using Palimpsest.LlamaCpp;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>llama.cpp itself loads what is exported and continues a prompt by the same tokens.</summary>
public sealed class LlamaCppTests
{
    private const int Count = 24;

    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat"],
        new() { VocabularySize = 270, LeastCount = 1 }
    );

    private static readonly int[] Prompt = [33, 7, 250, 91, 18, 64, 3, 120];

    public static TheoryData<string> Names => [.. Models.Keys];

    private static DecoderConfig Plain =>
        DecoderConfig.TinyLlama(288, 64, 3, 4, 2, 96, 128) with
        {
            InitializerRange = 0.3,
            BosTokenId = null,
            EosTokenIds = [],
            PadTokenId = null,
        };

    private static Dictionary<string, DecoderConfig> Models { get; } =
        new()
        {
            ["llama"] = Plain,
            ["llama 3 rope"] = Plain with
            {
                TiedHead = false,
                RopeScaling = new()
                {
                    Kind = RopeScalingKind.Llama3,
                    Factor = 8,
                    OriginalMaxPositions = 8192,
                },
            },
            ["llama yarn"] = Plain with
            {
                RopeScaling = new()
                {
                    Kind = RopeScalingKind.Yarn,
                    Factor = 4,
                    OriginalMaxPositions = 32,
                },
            },
            ["mistral"] = Plain with { Family = "mistral" },
            ["qwen2"] = Plain with { Family = "qwen2", QueryKeyValueBias = true },
            ["qwen3"] = Plain with { Family = "qwen3", QueryKeyNorm = QueryKeyNorm.PerHead },
            ["phi3"] = Plain with { Family = "phi3", SlidingWindow = 128 },
            ["gemma2"] = Plain with
            {
                Family = "gemma2",
                Norm = NormKind.RootMeanSquarePlusOne,
                NormPlacement = NormPlacement.Both,
                Activation = Activation.GeluTanh,
                EmbeddingScale = 8,
                AttentionScale = 0.25,
                AttentionSoftCap = 50,
                LogitSoftCap = 30,
                SlidingWindow = 16,
                WindowedLayers = [0, 2],
            },
            ["olmo2"] = Plain with
            {
                Family = "olmo2",
                NormPlacement = NormPlacement.After,
                QueryKeyNorm = QueryKeyNorm.AllHeads,
            },
            ["gpt2"] = Plain with
            {
                Family = "gpt2",
                KeyValueHeads = 4,
                Activation = Activation.GeluTanh,
                GatedMlp = false,
                Norm = NormKind.Layer,
                QueryKeyValueBias = true,
                AttentionOutputBias = true,
                MlpBias = true,
                LearnedPositions = true,
            },
        };

    [Fact]
    public void Every_family_that_can_be_exported_is_here() =>
        Assert.Equal(
            GgufArchitecture.WritableFamilies.Order(StringComparer.Ordinal),
            Models.Values.Select(config => config.Family).Distinct().Order(StringComparer.Ordinal)
        );

    [Theory, MemberData(nameof(Names))]
    public void It_continues_a_prompt_by_the_same_tokens_whatever_the_type(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peer is run where the tests' machines are.");
        using var folder = new TemporaryFolder();
        using var written = new CausalLM(Models[name], 11);
        var files = GgufEncoder.Writable.Select(type => (Type: type, Path: folder.File($"{type}.gguf"))).ToArray();
        foreach (var (type, path) in files)
            GgufExport.Write(written, Words, path, new() { Type = type });
        var continued = LlamaCppProcess.Greedy(files.Select(file => file.Path), Prompt, Count);
        foreach (var ((type, path), theirs) in files.Zip(continued))
        {
            using var model = ModelFiles.LoadDecoder(path);
            AssertLikeliest(Logits(model, [.. Prompt, .. theirs[..^1]]), theirs, type);
        }
    }

    // llama.cpp rounds activations to eight bits where weights are quantised: tokens that close are equal.
    private static void AssertLikeliest(float[][] rows, int[] theirs, GgufType type)
    {
        Assert.Equal(Count, theirs.Length);
        for (var i = 0; i < Count; i++)
        {
            var logits = rows[i];
            var best = Array.IndexOf(logits, logits.Max());
            var gap = logits[best] - logits[theirs[i]];
            var spread = logits[best] - logits.Min();
            Assert.True(
                gap <= Rounding(type) * spread,
                $"{type}, token {i}: {theirs[i]} is not {best}, {gap / spread:p1} of the spread below it"
            );
        }
    }

    private static double Rounding(GgufType type) =>
        type switch
        {
            GgufType.F32 => 1e-5,
            GgufType.F16 or GgufType.BF16 => 0.01,
            _ => 0.03,
        };

    private static float[][] Logits(CausalLM model, int[] ids)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var tokens = tensor([.. ids.Select(id => (long)id)], [1, ids.Length]);
        var logits = model.Forward(new() { TokenIds = tokens }).Logits![0, (Prompt.Length - 1)..];
        return [.. Enumerable.Range(0, Count).Select(i => logits[i].data<float>().ToArray())];
    }
}
