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
    public DecoderConfig Read(JsonField json)
    {
        var hidden = json["n_embd"].AsSize();
        var heads = json["n_head"].AsSize();
        var size = StandardFields.HeadSize(json, hidden, heads);
        return StandardFields.WithIds(
            json,
            new()
            {
                Family = ModelType,
                VocabularySize = json["vocab_size"].AsSize(),
                HiddenSize = hidden,
                IntermediateSize = json["n_inner"].AsSizeOrNull() ?? 4 * hidden,
                Layers = json["n_layer"].AsSize(),
                Heads = heads,
                KeyValueHeads = heads,
                HeadSize = size,
                MaxPositions = json["n_positions"].AsSize(1024),
                TiedHead = json["tie_word_embeddings"].AsBoolean(true),
                Activation = StandardFields.ReadActivation(json, "activation_function", "gelu_new"),
                GatedMlp = false,
                Norm = NormKind.Layer,
                NormEpsilon = json["layer_norm_epsilon"].AsPositive(1e-5),
                QueryKeyValueBias = true,
                AttentionOutputBias = true,
                MlpBias = true,
                LearnedPositions = true,
                AttentionScale = json["scale_attn_weights"].AsBoolean(true) ? null : 1,
                AttentionScaleByLayer = json["scale_attn_by_inverse_layer_idx"].AsBoolean(false),
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
