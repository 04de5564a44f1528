using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>What tells one model family from another: how its config.json and its weights are spelled.</summary>
public interface IModelFamily
{
    /// <summary>Hugging Face's model_type, for example <c>llama</c>.</summary>
    string ModelType { get; }

    /// <summary>Hugging Face's class, for example <c>LlamaForCausalLM</c>.</summary>
    string Architecture { get; }

    /// <summary>Reads the family's fields of config.json.</summary>
    /// <exception cref="InputException">A field is missing or outside its range.</exception>
    DecoderConfig Read(JsonField json);

    /// <summary>Writes the family's own fields; the common ones are already there.</summary>
    void Write(DecoderConfig config, JsonObject json);

    /// <summary>How the family's checkpoints name their weights.</summary>
    WeightNames Names(DecoderConfig config);
}
