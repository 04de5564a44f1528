using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>The fields that most families spell alike.</summary>
internal static class StandardFields
{
    private static readonly Dictionary<string, Activation> Activations = new()
    {
        ["silu"] = Activation.Silu,
        ["gelu"] = Activation.Gelu,
        ["gelu_new"] = Activation.GeluTanh,
        ["relu"] = Activation.Relu,
        ["swish"] = Activation.Silu,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_fast"] = Activation.GeluTanh,
    };

    /// <summary>Reads sizes, ids, activation, ε and the rotary fields as Llama spells them.</summary>
    public static DecoderConfig Read(JsonField json, string family) => Read(json, new FamilyDefaults(family));

    /// <summary>Reads the same with another spelling or other defaults.</summary>
    public static DecoderConfig Read(JsonField json, FamilyDefaults defaults)
    {
        var hidden = json["hidden_size"].AsSize();
        var heads = json["num_attention_heads"].AsSize();
        return RopeFields.Read(
            json,
            partial: defaults.PartialRotary,
            config: WithIds(
                json,
                new()
                {
                    Family = defaults.Family,
                    VocabularySize = json["vocab_size"].AsSize(),
                    HiddenSize = hidden,
                    IntermediateSize = json["intermediate_size"].AsSize(),
                    Layers = json["num_hidden_layers"].AsSize(),
                    Heads = heads,
                    KeyValueHeads = json["num_key_value_heads"].AsSize(heads),
                    HeadSize = json["head_dim"].AsSizeOrNull() ?? HeadSize(json, hidden, heads),
                    MaxPositions = json["max_position_embeddings"].AsSize(),
                    TiedHead = json["tie_word_embeddings"].AsBoolean(defaults.TiedHead),
                    Activation = ReadActivation(json, defaults.ActivationField, defaults.Activation),
                    NormEpsilon = json[defaults.EpsilonField].AsPositive(defaults.Epsilon),
                }
            )
        );
    }

    /// <summary>Writes what <see cref="Read(JsonField, FamilyDefaults)"/> reads.</summary>
    public static void Write(
        DecoderConfig config,
        JsonObject json,
        string epsilonField = "rms_norm_eps",
        string activationField = "hidden_act"
    )
    {
        json["hidden_size"] = config.HiddenSize;
        json["intermediate_size"] = config.IntermediateSize;
        json["num_hidden_layers"] = config.Layers;
        json["num_attention_heads"] = config.Heads;
        json["num_key_value_heads"] = config.KeyValueHeads;
        if (
            config.HeadSize * config.Heads != config.HiddenSize
            || config.Family is "llama" or "mistral" or "qwen3" or "gemma2"
        )
            json["head_dim"] = config.HeadSize;
        json["max_position_embeddings"] = config.MaxPositions;
        json[activationField] = Name(config.Activation);
        json[epsilonField] = config.NormEpsilon;
        RopeFields.Write(config, json);
    }

    /// <summary>Hugging Face's name of an activation.</summary>
    public static string Name(Activation activation) => Activations.First(a => a.Value == activation).Key;

    /// <summary>Reads an activation.</summary>
    public static Activation ReadActivation(JsonField json, string field, string ifAbsent) =>
        Activations.TryGetValue(json[field].AsString(null) ?? ifAbsent, out var activation)
            ? activation
            : throw json[field].Refusal(string.Join(", ", Activations.Keys));

    /// <summary>Adds the ids of special tokens and the deviation of initial weights.</summary>
    public static DecoderConfig WithIds(JsonField json, DecoderConfig config) =>
        config with
        {
            BosTokenId = Ids(json, "bos_token_id") is [var bos, ..] ? bos : null,
            EosTokenIds = Ids(json, "eos_token_id"),
            PadTokenId = Ids(json, "pad_token_id") is [var pad, ..] ? pad : null,
            InitializerRange = json["initializer_range"].AsPositive(0.02),
        };

    // -1 is SentencePiece's own value for a token that there is not.
    private static int[] Ids(JsonField json, string field)
    {
        int[] ids = [.. json[field].AsTokenIds().Where(id => id != -1)];
        return Array.TrueForAll(ids, id => id >= 0)
            ? ids
            : throw json[field].Refusal("token ids from 0, or -1 or null for none");
    }

    /// <summary>D / H, which must be whole.</summary>
    public static int HeadSize(JsonField json, int hidden, int heads) =>
        hidden % heads == 0
            ? hidden / heads
            : throw new InputException($"{json.Path}: {heads} heads do not divide a hidden size of {hidden}.");

    /// <summary>Reads the layers that <c>layer_types</c> marks as windowed; null when the field is missing.</summary>
    public static IReadOnlyList<int>? ReadWindowedLayers(JsonField json, int layers)
    {
        if (json["layer_types"].AsStrings() is not { } types)
            return null;
        if (types.Count != layers || types.Any(t => t is not ("sliding_attention" or "full_attention")))
            throw json["layer_types"].Refusal($"a list of {layers} of sliding_attention or full_attention");
        return [.. Enumerable.Range(0, layers).Where(l => types[l] == "sliding_attention")];
    }

    /// <summary>Writes <c>layer_types</c>.</summary>
    public static void WriteLayerTypes(DecoderConfig config, JsonObject json) =>
        json["layer_types"] = new JsonArray([
            .. Enumerable
                .Range(0, config.Layers)
                .Select(l => (JsonNode)(config.WindowOf(l) is null ? "full_attention" : "sliding_attention")),
        ]);

    /// <summary>Reads the window of families that switch it on by <c>use_sliding_window</c>.</summary>
    public static DecoderConfig WithSwitchedWindow(JsonField json, DecoderConfig config)
    {
        if (
            !json["use_sliding_window"].AsBoolean(false)
            || json["sliding_window"].AsSize(0, least: 0) is not (> 0 and var window)
        )
            return config;
        var windowed =
            ReadWindowedLayers(json, config.Layers)
            ?? [.. Enumerable.Range(0, config.Layers).Skip(json["max_window_layers"].AsSize(28, least: 0))];
        return config with { SlidingWindow = window, WindowedLayers = windowed };
    }

    /// <summary>Writes what <see cref="WithSwitchedWindow"/> reads.</summary>
    public static void WriteSwitchedWindow(DecoderConfig config, JsonObject json)
    {
        json["use_sliding_window"] = config.SlidingWindow is not null;
        json["sliding_window"] = config.SlidingWindow;
        if (config.SlidingWindow is not null)
            json["max_window_layers"] = config.WindowedLayers is { Count: > 0 } windowed ? windowed[0] : config.Layers;
        WriteLayerTypes(config, json);
    }
}
