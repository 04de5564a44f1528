using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>GPT-Neo: global and local attention in turn, unscaled scores.</summary>
public sealed class GptNeo : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "gpt_neo";

    /// <inheritdoc/>
    public string Architecture => "GPTNeoForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(ConfigReader json)
    {
        var hidden = json.Size("hidden_size");
        var heads = json.Size("num_heads");
        var layers = json.Size("num_layers");
        var kinds = json.Texts("attention_layers") ?? Expand(json);
        if (kinds.Count != layers || kinds.Any(k => k is not ("global" or "local")))
            throw json.Refuse("attention_layers", $"a list of {layers} of global or local");
        return StandardFields.WithIds(
            json,
            new()
            {
                Family = ModelType,
                VocabularySize = json.Size("vocab_size"),
                HiddenSize = hidden,
                IntermediateSize = json.SizeOrNull("intermediate_size") ?? 4 * hidden,
                Layers = layers,
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = StandardFields.HeadSize(json, hidden, heads),
                MaxPositions = json.Size("max_position_embeddings", 2048),
                TiedHead = json.Flag("tie_word_embeddings", true),
                Activation = StandardFields.ReadActivation(json, "activation_function", "gelu_new"),
                GatedMlp = false,
                Norm = NormKind.Layer,
                NormEpsilon = json.Positive("layer_norm_epsilon", 1e-5),
                AttentionOutputBias = true,
                MlpBias = true,
                LearnedPositions = true,
                AttentionScale = 1,
                SlidingWindow = json.Size("window_size", 256),
                WindowedLayers = [.. Enumerable.Range(0, layers).Where(l => kinds[l] == "local")],
            }
        );
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        string[] kinds =
        [
            .. Enumerable.Range(0, config.Layers).Select(l => config.WindowOf(l) is null ? "global" : "local"),
        ];
        json["hidden_size"] = config.HiddenSize;
        json["intermediate_size"] = config.IntermediateSize;
        json["num_layers"] = config.Layers;
        json["num_heads"] = config.Heads;
        json["max_position_embeddings"] = config.MaxPositions;
        json["activation_function"] = StandardFields.Name(config.Activation);
        json["layer_norm_epsilon"] = config.NormEpsilon;
        json["window_size"] = config.SlidingWindow;
        json["attention_layers"] = new JsonArray([.. kinds.Select(k => (JsonNode)k)]);
        json["attention_types"] = new JsonArray(new JsonArray(new JsonArray([.. kinds.Select(k => (JsonNode)k)]), 1));
    }

    // [[["global", "local"], 2]]: groups of kinds, each repeated.
    private static List<string> Expand(ConfigReader json)
    {
        List<string> kinds = [];
        foreach (var (pattern, count) in json.Groups("attention_types"))
        {
            for (var i = 0; i < count; i++)
                kinds.AddRange(pattern);
        }

        return kinds;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) =>
        new()
        {
            Base = "transformer.",
            Block = "transformer.h.{0}.",
            Embedding = "transformer.wte",
            Positions = "transformer.wpe",
            FinalNorm = "transformer.ln_f",
            QueryKeyValue = ["attn.attention.q_proj", "attn.attention.k_proj", "attn.attention.v_proj"],
            AttentionOutput = "attn.attention.out_proj",
            BeforeAttention = "ln_1",
            BeforeMlp = "ln_2",
            Up = ["mlp.c_fc"],
            Down = "mlp.c_proj",
        };
}
