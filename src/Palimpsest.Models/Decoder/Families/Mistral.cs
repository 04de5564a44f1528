using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Mistral: Llama with a sliding window.</summary>
public sealed class Mistral : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "mistral";

    /// <inheritdoc/>
    public string Architecture => "MistralForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json) =>
        StandardFields.Read(json, ModelType) with
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
    public WeightNames Names(DecoderConfig config) => new();
}
