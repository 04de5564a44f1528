using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>The decoder of every model family: a family is a configuration and a weight-name map.</summary>
public sealed partial class CausalLM : nn.Module, ITrainable
{
    private readonly ProjectionSlot _embedding;
    private readonly Parameter? _positions;
    private readonly DecoderBlock[] _blocks;
    private readonly Normalization _finalNorm;
    private readonly ProjectionSlot _head;
    private readonly RotaryEmbedding? _rotary;
    private bool _isDisposed;

    private const string EmbeddingName = "embedding";

    /// <summary>A model with random weights.</summary>
    /// <param name="config">Sizes and variants.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <param name="device">Where the weights live; the CPU by default.</param>
    public CausalLM(DecoderConfig config, ulong seed, Device? device = null)
        : this(config, device ?? CPU, (ulong?)seed) { }

    private CausalLM(DecoderConfig config, Device device, ulong? seed)
        : base(nameof(CausalLM))
    {
        ArgumentNullException.ThrowIfNull(config);
        using var scope = NewDisposeScope();
        using var generator = seed is { } value ? new Generator(value, CPU) : null;
        (Config, Device) = (config, device);
        var weights = new WeightBuilder(config, device, generator);
        var names = weights.Names;
        var tied = config.TiedHead && !config.HeadBias;
        (var embedding, _embedding) = weights.Embedding(names.Embedding, config.VocabularySize, tied);
        register_parameter(EmbeddingName, embedding);
        if (config.LearnedPositions)
        {
            _positions = weights.Table(names.Positions, config.MaxPositions);
            register_parameter("positions", _positions);
        }
        else
        {
            _rotary = new(config, device);
        }

        _blocks = new DecoderBlock[config.Layers];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            _blocks[layer] = new(weights, config, layer);
            register_module($"block_{layer}", _blocks[layer]);
        }

        _finalNorm = new("final_norm", weights, config, names.FinalNorm, config.HiddenSize, null);
        register_module("final_norm", _finalNorm);
        _head = tied
            ? weights.TiedHead(_embedding)
            : weights.Linear(
                "head",
                [(names.Head, config.VocabularySize)],
                config.HiddenSize,
                config.HeadBias,
                new(null, ModelComponent.Head)
            );
        _head.RegisterIn(this);
        (ParameterRefs, Projections, _storages) = (weights.References, weights.Projections, weights.Storages);
        _slots = [.. Projections.Select(p => p.Slot).Append(_embedding).Distinct()];
        _byName = ParameterRefs.ToDictionary(r => r.Name, StringComparer.Ordinal);
        _names = names;
    }

    /// <summary>Sizes and variants.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Where the weights live.</summary>
    public Device Device { get; }

    bool ITrainable.IsTraining
    {
        get => training;
        set => train(value);
    }

    /// <summary>Head weight [V, D]: the embedding itself where the two are tied.</summary>
    /// <exception cref="InputException">The head is held as codes.</exception>
    public Parameter HeadWeight => Dense(_head, "head");

    /// <summary>Head bias [V], or null.</summary>
    public Parameter? HeadBias => _head.Projection.Bias;

    /// <summary>Head weight [V, D] float32, without adapters: the parameter itself, or a tensor of what codes stand
    /// for.</summary>
    internal Tensor HeadMatrix() => _head.IsDense ? HeadWeight : _head.Projection.BaseWeight(0, Config.VocabularySize);

    /// <summary>True when an active adapter changes the head, so that <see cref="HeadWeight"/> alone is not the
    /// head.</summary>
    public bool HeadIsAdapted => _head.Projection.HasActiveDeltas;

    /// <summary>Logits [..., V] of hidden states after the final norm [..., D], adapters and soft cap
    /// included.</summary>
    public Tensor HeadLogits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var logits = _head.Forward(hidden);
        if (Config.LogitSoftCap is { } cap)
            logits = (logits / cap).tanh() * cap;
        return logits.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing)
        {
            foreach (var attachment in Attachments.ToArray())
                attachment.Dispose();
            _rotary?.Dispose();
            if (!_embedding.IsDense)
                _embedding.Projection.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Parameter Dense(ProjectionSlot slot, string what) =>
        slot.Projection is LinearProjection dense
            ? dense.Weight
            : throw new InputException(
                $"The {what} is held {slot.Projection.HeldAs}: it is no parameter; load the model with dense weights."
            );
}
