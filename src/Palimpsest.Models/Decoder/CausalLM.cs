using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>The decoder of every model family: a family is a configuration and a weight-name map.</summary>
public sealed partial class CausalLM : nn.Module, ITrainable
{
    private readonly Parameter _embedding;
    private readonly Parameter? _positions;
    private readonly DecoderBlock[] _blocks;
    private readonly Normalization _finalNorm;
    private readonly LinearProjection _head;
    private readonly RotaryEmbedding? _rotary;
    private bool _isDisposed;

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
        _embedding = weights.Table(names.Embedding, config.VocabularySize);
        register_parameter("embedding", _embedding);
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
        var head =
            config.TiedHead && !config.HeadBias
                ? weights.TiedHead(_embedding)
                : weights.Linear(
                    "head",
                    [(names.Head, config.VocabularySize)],
                    config.HiddenSize,
                    config.HeadBias,
                    new(null, ModelComponent.Head)
                );
        head.RegisterIn(this);
        _head = (LinearProjection)head.Projection;
        (ParameterRefs, Projections, _storages) = (weights.References, weights.Projections, weights.Storages);
        _slots = [.. Projections.Select(p => p.Slot).Distinct()];
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
    public Parameter HeadWeight => _head.Weight;

    /// <summary>Head bias [V], or null.</summary>
    public Parameter? HeadBias => _head.Bias;

    /// <summary>True when an active adapter changes the head, so that <see cref="HeadWeight"/> alone is not the
    /// head.</summary>
    public bool HeadIsAdapted => _head.HasActiveDeltas;

    /// <summary>Logits [..., V] of hidden states after the final norm [..., D], adapters and soft cap
    /// included.</summary>
    public Tensor HeadLogits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var logits = _head.forward(hidden);
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
        }

        base.Dispose(disposing);
    }
}
