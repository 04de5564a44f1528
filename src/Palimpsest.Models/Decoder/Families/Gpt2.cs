using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>GPT-2: learned positions, matrices stored as [In, Out], tied head.</summary>
public sealed class Gpt2 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "gpt2";

    /// <inheritdoc/>
    public string Architecture => "GPT2LMHeadModel";

    /// <inheritdoc/>
    public DecoderConfig Read(ConfigReader json)
    {
        var hidden = json.Size("n_embd");
        var heads = json.Size("n_head");
        var size = StandardFields.HeadSize(json, hidden, heads);
        return StandardFields.WithIds(
            json,
            new()
            {
                Family = ModelType,
                VocabularySize = json.Size("vocab_size"),
                HiddenSize = hidden,
                IntermediateSize = json.SizeOrNull("n_inner") ?? 4 * hidden,
                Layers = json.Size("n_layer"),
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                MaxPositions = json.Size("n_positions", 1024),
                TiedHead = json.Flag("tie_word_embeddings", true),
                Activation = StandardFields.ReadActivation(json, "activation_function", "gelu_new"),
                GatedMlp = false,
                Norm = NormKind.Layer,
                NormEpsilon = json.Positive("layer_norm_epsilon", 1e-5),
                QueryKeyValueBias = true,
                AttentionOutputBias = true,
                MlpBias = true,
                LearnedPositions = true,
                AttentionScale = json.Flag("scale_attn_weights", true) ? null : 1,
                AttentionScaleByLayer = json.Flag("scale_attn_by_inverse_layer_idx", false),
            }
        );
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        json["n_embd"] = config.HiddenSize;
        json["n_inner"] = config.IntermediateSize == 4 * config.HiddenSize ? null : config.IntermediateSize;
        json["n_layer"] = config.Layers;
        json["n_head"] = config.Heads;
        json["n_positions"] = config.MaxPositions;
        json["activation_function"] = StandardFields.Name(config.Activation);
        json["layer_norm_epsilon"] = config.NormEpsilon;
        json["scale_attn_weights"] = config.AttentionScale is null;
        json["scale_attn_by_inverse_layer_idx"] = config.AttentionScaleByLayer;
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
            QueryKeyValue = ["attn.c_attn"],
            AttentionOutput = "attn.c_proj",
            BeforeAttention = "ln_1",
            BeforeMlp = "ln_2",
            Up = ["mlp.c_fc"],
            Down = "mlp.c_proj",
            Transposed = true,
        };
}
