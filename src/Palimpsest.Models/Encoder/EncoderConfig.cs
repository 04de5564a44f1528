namespace Palimpsest.Models;

/// <summary>Sizes of a BERT encoder.</summary>
public sealed record EncoderConfig
{
    private const string Family = "bert";

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>H; divides D.</summary>
    public required int Heads { get; init; }

    /// <summary>Most positions.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Number of token types (segments), at least 1.</summary>
    public int TokenTypes
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 2;

    /// <summary>The MLP's nonlinearity.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>ε of the norms.</summary>
    public double NormEpsilon
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 1e-12;

    /// <summary>Id that fills up batches.</summary>
    public int PadTokenId { get; init; }

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="InputException">The model is no BERT, or a field is missing or outside its range.</exception>
    public static EncoderConfig Read(JsonField json)
    {
        if (json["model_type"].AsString(null) != Family)
            throw json["model_type"].Refusal($"'{Family}', the kind of encoder that is known");
        if ((json["position_embedding_type"].AsString(null) ?? "absolute") != "absolute")
            throw json["position_embedding_type"].Refusal("'absolute'");
        var config = new EncoderConfig
        {
            VocabularySize = json["vocab_size"].AsSize(),
            HiddenSize = json["hidden_size"].AsSize(),
            IntermediateSize = json["intermediate_size"].AsSize(),
            Layers = json["num_hidden_layers"].AsSize(),
            Heads = json["num_attention_heads"].AsSize(),
            MaxPositions = json["max_position_embeddings"].AsSize(),
            TokenTypes = json["type_vocab_size"].AsSize(2),
            Activation = StandardFields.ReadActivation(json, "hidden_act", "gelu"),
            NormEpsilon = json["layer_norm_eps"].AsPositive(1e-12),
            PadTokenId = json["pad_token_id"].AsSize(0, least: 0),
        };
        return config.HiddenSize % config.Heads == 0
            ? config
            : throw json["num_attention_heads"].Refusal($"a divisor of hidden_size {config.HiddenSize}");
    }

    /// <summary>The same sizes in the record that norms, projections and MLPs are built from.</summary>
    internal DecoderConfig ForLayers() =>
        new()
        {
            Family = Family,
            VocabularySize = VocabularySize,
            HiddenSize = HiddenSize,
            IntermediateSize = IntermediateSize,
            Layers = Layers,
            Heads = Heads,
            KeyValueHeads = Heads,
            HeadSize = HiddenSize / Heads,
            MaxPositions = MaxPositions,
            Activation = Activation,
            GatedMlp = false,
            MlpBias = true,
            Norm = NormKind.Layer,
            NormEpsilon = NormEpsilon,
        };
}
