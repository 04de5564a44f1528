using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The metadata of a GGUF file as the config.json that the family reads.</summary>
internal static class GgufConfig
{
    /// <summary>The decoder that a file describes.</summary>
    /// <exception cref="InputException">The architecture is not known, a key is missing or out of range, or the tensors
    /// are too few for it.</exception>
    public static DecoderConfig Read(GgufFile file)
    {
        var architecture = GgufArchitecture.Of(file.Metadata);
        var json = architecture.Name == "gpt2" ? Gpt2(file, architecture) : Standard(file, architecture);
        WriteVocabulary(file, json);
        using var document = JsonDocument.Parse(json.ToJsonString());
        var config = ModelFamilies.Read(document.RootElement, file.Path);
        CheckSize(file, config);
        return config;
    }

    private static JsonObject Standard(GgufFile file, GgufArchitecture architecture)
    {
        var metadata = file.Metadata;
        var hidden = metadata.Whole(architecture.Key("embedding_length"));
        var heads = metadata.Whole(architecture.Key("attention.head_count"));
        var headSize = metadata.WholeOrNull(architecture.Key("attention.key_length"), least: 1) ?? hidden / heads;
        if ((metadata.WholeOrNull(architecture.Key("attention.value_length"), least: 1) ?? headSize) != headSize)
            throw metadata.Refuse(architecture.Key("attention.value_length"), $"the length of the keys ({headSize})");
        var window = metadata.WholeOrNull(architecture.Key("attention.sliding_window")) ?? 0;
        var json = new JsonObject
        {
            ["model_type"] = architecture.Name == "llama" && window > 0 ? "mistral" : architecture.Families[0],
            ["hidden_size"] = hidden,
            ["intermediate_size"] = metadata.Whole(architecture.Key("feed_forward_length")),
            ["num_hidden_layers"] = metadata.Whole(architecture.Key("block_count")),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = metadata.Whole(architecture.Key("attention.head_count_kv"), heads),
            ["head_dim"] = headSize,
            ["max_position_embeddings"] = metadata.Whole(architecture.Key("context_length")),
            ["rms_norm_eps"] = Epsilon(metadata, architecture),
        };
        var known = ConfigFields.Of((string)json["model_type"]!);
        foreach (
            var (field, tensor) in (ReadOnlySpan<(string, string)>)
                [("attention_bias", "attn_q"), ("mlp_bias", "ffn_up")]
        )
        {
            if (known.Find(field)?.Use == FieldUse.Obeyed)
                json[field] = file.Find($"blk.0.{tensor}.bias") is not null;
        }

        if (window > 0)
            json["sliding_window"] = window;
        if (architecture.Name == "gemma2")
            WriteGemma2(metadata, architecture, json);
        GgufRope.Read(file, architecture, headSize, json);
        return json;
    }

    private static void WriteGemma2(GgufMetadata metadata, GgufArchitecture architecture, JsonObject json)
    {
        json["attn_logit_softcapping"] = metadata.RealOrNull(architecture.Key("attn_logit_softcapping")) ?? 50;
        json["final_logit_softcapping"] = metadata.RealOrNull(architecture.Key("final_logit_softcapping")) ?? 30;
        json["query_pre_attn_scalar"] = Gemma2Scalar(
            (int)json["num_hidden_layers"]!,
            (int)json["hidden_size"]!,
            (int)json["num_attention_heads"]!,
            (int)json["head_dim"]!
        );
    }

    /// <summary>The square of what divides Gemma 2's scores; no key holds it, and its largest model, of 46 layers, has
    /// a rule of its own.</summary>
    public static double Gemma2Scalar(int layers, int hidden, int heads, int headSize) =>
        layers == 46 ? (double)hidden / heads : headSize;

    private static JsonObject Gpt2(GgufFile file, GgufArchitecture architecture)
    {
        var metadata = file.Metadata;
        return new()
        {
            ["model_type"] = "gpt2",
            ["n_embd"] = metadata.Whole(architecture.Key("embedding_length")),
            ["n_inner"] = metadata.Whole(architecture.Key("feed_forward_length")),
            ["n_layer"] = metadata.Whole(architecture.Key("block_count")),
            ["n_head"] = metadata.Whole(architecture.Key("attention.head_count")),
            ["n_positions"] = metadata.Whole(architecture.Key("context_length")),
            ["layer_norm_epsilon"] = Epsilon(metadata, architecture),
        };
    }

    private static double Epsilon(GgufMetadata metadata, GgufArchitecture architecture)
    {
        var key = architecture.Key(architecture.EpsilonKey);
        var epsilon = metadata.RealOrNull(key) ?? throw new InputException($"{metadata.File}: key '{key}' is missing.");
        return epsilon is > 0 and <= 1 ? epsilon : throw metadata.Refuse(key, "a number above 0 and up to 1");
    }

    private static void WriteVocabulary(GgufFile file, JsonObject json)
    {
        var embedding =
            file.Find("token_embd.weight")
            ?? throw new InputException($"{file.Path}: tensor 'token_embd.weight' is missing.");
        if (embedding.Shape.Count != 2)
            throw new InputException(
                $"{file.Path}: tensor 'token_embd.weight' has {embedding.Shape.Count} dimensions; it must have 2."
            );
        json["vocab_size"] = embedding.Shape[0];
        json["tie_word_embeddings"] = GgufNames.IsTied(file);
        var special = GgufSpecialTokens.Read(file.Metadata);
        json["bos_token_id"] = special.Begin;
        json["pad_token_id"] = special.Pad;
        json["eos_token_id"] = new JsonArray([.. special.Ends.Select(id => (JsonNode)id)]);
    }

    /// <summary>A file cannot ask for more memory than its own tensors account for.</summary>
    private static void CheckSize(GgufFile file, DecoderConfig config)
    {
        Int128 attention = (Int128)config.HiddenSize * config.HeadSize * (2 * (config.Heads + config.KeyValueHeads));
        Int128 mlp = (Int128)config.HiddenSize * config.IntermediateSize * (config.GatedMlp ? 3 : 2);
        Int128 positions = config.LearnedPositions ? (Int128)config.HiddenSize * config.MaxPositions : 0;
        Int128 needed =
            config.Layers * (attention + mlp)
            + (Int128)config.HiddenSize * config.VocabularySize * (config.TiedHead ? 1 : 2)
            + positions;
        var there = file.Tensors.Aggregate(Int128.Zero, (sum, tensor) => sum + tensor.Count);
        if (needed > there)
            throw new InputException(
                $"{file.Path}: the metadata describe a model of {needed} parameters; the tensors hold {there}."
            );
    }
}
