namespace Palimpsest.Models.Tests;

/// <summary>A tiny configuration of every family, with what is peculiar to it.</summary>
internal static class TinyFamilies
{
    private static readonly DecoderConfig Plain = DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 48, 64) with
    {
        InitializerRange = 0.3,
    };

    private static readonly DecoderConfig Older = Plain with
    {
        KeyValueHeads = 4,
        Activation = Activation.GeluTanh,
        GatedMlp = false,
        Norm = NormKind.Layer,
        AttentionOutputBias = true,
        MlpBias = true,
    };

    private static readonly ExpertConfig Experts = new()
    {
        Count = 3,
        PerToken = 2,
        IntermediateSize = 24,
    };

    public static IReadOnlyDictionary<string, DecoderConfig> All { get; } =
        new Dictionary<string, DecoderConfig>
        {
            ["llama"] = Plain,
            ["mistral"] = Plain with { Family = "mistral", SlidingWindow = 5 },
            ["qwen2"] = Plain with { Family = "qwen2", QueryKeyValueBias = true },
            ["qwen3"] = Plain with { Family = "qwen3", QueryKeyNorm = QueryKeyNorm.PerHead },
            ["phi3"] = Plain with { Family = "phi3", SlidingWindow = 6, TiedHead = false },
            ["gemma2"] = Plain with
            {
                Family = "gemma2",
                Norm = NormKind.RootMeanSquarePlusOne,
                NormPlacement = NormPlacement.Both,
                Activation = Activation.GeluTanh,
                EmbeddingScale = 6,
                AttentionScale = 0.3,
                AttentionSoftCap = 5,
                LogitSoftCap = 30,
                SlidingWindow = 5,
                WindowedLayers = [0],
            },
            ["olmo2"] = Plain with
            {
                Family = "olmo2",
                NormPlacement = NormPlacement.After,
                QueryKeyNorm = QueryKeyNorm.AllHeads,
            },
            ["gpt2"] = Older with { Family = "gpt2", QueryKeyValueBias = true, LearnedPositions = true },
            ["gpt_neo"] = Older with
            {
                Family = "gpt_neo",
                LearnedPositions = true,
                AttentionScale = 1,
                SlidingWindow = 5,
                WindowedLayers = [1],
            },
            ["gpt_neox"] = Older with
            {
                Family = "gpt_neox",
                QueryKeyValueBias = true,
                QueryKeyValueByHead = true,
                ParallelBlock = true,
                RotarySize = 4,
                TiedHead = false,
            },
            ["phi"] = Older with
            {
                Family = "phi",
                QueryKeyValueBias = true,
                ParallelBlock = true,
                SharedBlockNorm = true,
                RotarySize = 4,
                TiedHead = false,
                HeadBias = true,
            },
            ["mixtral"] = Plain with { Family = "mixtral", Experts = Experts with { NormalizeChosen = true } },
            ["olmoe"] = Plain with
            {
                Family = "olmoe",
                QueryKeyNorm = QueryKeyNorm.AllHeads,
                QueryKeyValueClip = 1,
                Experts = Experts,
            },
            ["qwen2_moe"] = Plain with
            {
                Family = "qwen2_moe",
                QueryKeyValueBias = true,
                Experts = Experts with { SharedIntermediateSize = 16, DenseLayers = [0] },
            },
        };
}
