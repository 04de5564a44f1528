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
    public static EncoderConfig Read(ConfigReader json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Text("model_type") != Family)
            throw json.Refuse("model_type", $"'{Family}', the kind of encoder that is known");
        if ((json.Text("position_embedding_type") ?? "absolute") != "absolute")
            throw json.Refuse("position_embedding_type", "'absolute'");
        var config = new EncoderConfig
        {
            VocabularySize = json.Size("vocab_size"),
            HiddenSize = json.Size("hidden_size"),
            IntermediateSize = json.Size("intermediate_size"),
            Layers = json.Size("num_hidden_layers"),
            Heads = json.Size("num_attention_heads"),
            MaxPositions = json.Size("max_position_embeddings"),
            TokenTypes = json.Size("type_vocab_size", 2),
            Activation = StandardFields.ReadActivation(json, "hidden_act", "gelu"),
            NormEpsilon = json.Positive("layer_norm_eps", 1e-12),
            PadTokenId = json.Size("pad_token_id", 0, least: 0),
        };
        return config.HiddenSize % config.Heads == 0
            ? config
            : throw json.Refuse("num_attention_heads", $"a divisor of hidden_size {config.HiddenSize}");
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
