using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Phi 3 and 3.5: Llama's layout with fused projections, often with long rotary factors.</summary>
public sealed class Phi3 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "phi3";

    /// <inheritdoc/>
    public string Architecture => "Phi3ForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json) =>
        StandardFields.Read(json, new FamilyDefaults(ModelType) { Epsilon = 1e-5 }) with
        {
            SlidingWindow = json["sliding_window"].AsSizeOrNull(),
        };

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        json["sliding_window"] = config.SlidingWindow;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) =>
        new() { QueryKeyValue = ["self_attn.qkv_proj"], Up = ["mlp.gate_up_proj"] };
}
