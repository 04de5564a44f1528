using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>GPT-Neo: global and local attention in turn, unscaled scores.</summary>
public sealed class GptNeo : IModelFamily
{
    private const int MostRepeats = 1 << 16;

    /// <inheritdoc/>
    public string ModelType => "gpt_neo";

    /// <inheritdoc/>
    public string Architecture => "GPTNeoForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var hidden = json["hidden_size"].AsSize();
        var heads = json["num_heads"].AsSize();
        var layers = json["num_layers"].AsSize();
        var kinds = json["attention_layers"].AsStrings() ?? Expand(json["attention_types"]);
        if (kinds.Count != layers || kinds.Any(k => k is not ("global" or "local")))
            throw json["attention_layers"].Refusal($"a list of {layers} of global or local");
        return StandardFields.WithIds(
            json,
            new()
            {
                Family = ModelType,
                VocabularySize = json["vocab_size"].AsSize(),
                HiddenSize = hidden,
                IntermediateSize = json["intermediate_size"].AsSizeOrNull() ?? 4 * hidden,
                Layers = layers,
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = StandardFields.HeadSize(json, hidden, heads),
                MaxPositions = json["max_position_embeddings"].AsSize(2048),
                TiedHead = json["tie_word_embeddings"].AsBoolean(true),
                Activation = StandardFields.ReadActivation(json, "activation_function", "gelu_new"),
                GatedMlp = false,
                Norm = NormKind.Layer,
                NormEpsilon = json["layer_norm_epsilon"].AsPositive(1e-5),
                AttentionOutputBias = true,
                MlpBias = true,
                LearnedPositions = true,
                AttentionScale = 1,
                SlidingWindow = json["window_size"].AsSize(256),
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
    private static List<string> Expand(JsonField groups)
    {
        List<string> kinds = [];
        foreach (var group in groups.Elements())
        {
            if (group.Elements().ToList() is not [var pattern, var count])
                throw group.Refusal("a pair, a list of strings and a count");
            var times = count.AsInteger(0, MostRepeats);
            for (var i = 0; i < times; i++)
                kinds.AddRange(pattern.AsStrings() ?? []);
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
