using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>BERT: token, position and segment embeddings, then blocks that normalize after each residual. Devlin et al.
/// 2018, arXiv:1810.04805.</summary>
public sealed class BertEncoder : nn.Module
{
    internal const string Prefix = "bert.";

    private static readonly WeightNames Names = new() { Base = Prefix, Block = "encoder.layer.{0}." };

    private readonly Parameter _tokens;
    private readonly Parameter _positions;
    private readonly Parameter _types;
    private readonly Normalization _norm;
    private readonly EncoderBlock[] _blocks;
    private readonly ProjectionSlot? _pooler;

    /// <summary>An encoder with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="pooler">Whether there is a pooler.</param>
    /// <param name="device">Where the weights live; the CPU by default.</param>
    public BertEncoder(EncoderConfig config, ulong seed, bool pooler = true, Device? device = null)
        : this(config, pooler, device ?? CPU, (ulong?)seed) { }

    internal BertEncoder(EncoderConfig config, bool pooler, Device device, ulong? seed)
        : base(nameof(BertEncoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        using var scope = NewDisposeScope();
        using var generator = seed is { } value ? new Generator(value, CPU) : null;
        (Config, Device) = (config, device);
        var layers = config.ForLayers();
        var weights = new WeightBuilder(layers, device, generator, Names);
        _tokens = Table(weights, "embeddings.word_embeddings", config.VocabularySize);
        _positions = Table(weights, "embeddings.position_embeddings", config.MaxPositions);
        _types = Table(weights, "embeddings.token_type_embeddings", config.TokenTypes);
        _norm = new("norm", weights, layers, "embeddings.LayerNorm", config.HiddenSize, null);
        register_module("norm", _norm);
        _blocks = new EncoderBlock[config.Layers];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            _blocks[layer] = new(weights, layers, layer);
            register_module($"block_{layer}", _blocks[layer]);
        }

        if (pooler)
        {
            _pooler = weights.Linear(
                "pooler",
                [("pooler.dense", config.HiddenSize)],
                config.HiddenSize,
                bias: true,
                new(null, ModelComponent.Head)
            );
            _pooler.RegisterIn(this);
        }

        ParameterRefs = weights.References;
    }

    /// <summary>Sizes.</summary>
    public EncoderConfig Config { get; }

    /// <summary>Where the weights live.</summary>
    public Device Device { get; }

    /// <summary>Every weight under its Hugging Face name.</summary>
    public IReadOnlyList<ParameterRef> ParameterRefs { get; }

    /// <summary>True when the checkpoint has a pooler.</summary>
    public bool HasPooler => _pooler is not null;

    /// <summary>Hidden states of the last block.</summary>
    /// <param name="tokenIds">[B, T] int64.</param>
    /// <param name="attentionMask">Real tokens [B, T] int64 or bool; null when all are.</param>
    /// <param name="typeIds">Segments [B, T] int64; null for segment 0.</param>
    /// <returns>[B, T, D] float32; rows of padding are meaningless.</returns>
    /// <exception cref="ArgumentException">More tokens than positions.</exception>
    public Tensor Forward(Tensor tokenIds, Tensor? attentionMask = null, Tensor? typeIds = null)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        using var scope = NewDisposeScope();
        var (batch, tokens) = (tokenIds.shape[0], tokenIds.shape[1]);
        if (tokens > Config.MaxPositions)
            throw new ArgumentException(
                $"The sequence has {tokens} tokens; the encoder has {Config.MaxPositions} positions.",
                nameof(tokenIds)
            );
        var segments = typeIds is null ? _types.narrow(0, 0, 1) : Rows(_types, typeIds, batch, tokens);
        var x = _norm.forward(Rows(_tokens, tokenIds, batch, tokens) + segments + _positions.narrow(0, 0, tokens));
        var bias = Bias(attentionMask, batch, tokens);
        foreach (var block in _blocks)
            x = block.Forward(x, bias);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>tanh(W h₀ + b) of the first token's hidden state: hidden [B, T, D] → [B, D].</summary>
    /// <exception cref="InvalidOperationException">The checkpoint has no pooler.</exception>
    public Tensor PoolFirst(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var pooler = _pooler ?? throw new InvalidOperationException("The checkpoint has no pooler.");
        return pooler.Forward(hidden.select(1, 0)).tanh().MoveToOuterDisposeScope();
    }

    private Parameter Table(WeightBuilder weights, string path, long rows)
    {
        var table = weights.Table(path, rows);
        register_parameter(path.Replace('.', '_'), table);
        return table;
    }

    private Tensor Rows(Parameter table, Tensor ids, long batch, long tokens) =>
        table.index_select(0, ids.reshape(-1)).view(batch, tokens, Config.HiddenSize);

    private static Tensor? Bias(Tensor? mask, long batch, long tokens)
    {
        if (mask is null)
            return null;
        var hidden = mask == 0;
        return hidden.any().item<bool>()
            ? zeros([batch, 1, 1, tokens], device: mask.device)
                .masked_fill_(hidden.view(batch, 1, 1, tokens), double.NegativeInfinity)
            : null;
    }
}
