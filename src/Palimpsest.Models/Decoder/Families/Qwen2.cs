using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Qwen2 and Qwen2.5: Llama with biases on query, key and value.</summary>
public sealed class Qwen2 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "qwen2";

    /// <inheritdoc/>
    public string Architecture => "Qwen2ForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json) =>
        StandardFields.WithSwitchedWindow(json, StandardFields.Read(json, ModelType) with { QueryKeyValueBias = true });

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        StandardFields.WriteSwitchedWindow(config, json);
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
