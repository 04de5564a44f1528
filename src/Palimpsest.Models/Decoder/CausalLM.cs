using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>The decoder of every model family: a family is a configuration and a weight-name map.</summary>
public sealed partial class CausalLM : nn.Module
{
    private readonly Parameter _embedding;
    private readonly Parameter? _positions;
    private readonly DecoderBlock[] _blocks;
    private readonly Normalization _finalNorm;
    private readonly LinearProjection _head;
    private readonly RotaryEmbedding? _rotary;

    /// <summary>A model with random weights.</summary>
    /// <param name="config">Sizes and variants.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <param name="device">Where the weights live; the CPU by default.</param>
    public CausalLM(DecoderConfig config, ulong seed, Device? device = null)
        : this(config, device ?? CPU, (ulong?)seed)
    {
    }

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
        _head = config.TiedHead && !config.HeadBias
            ? weights.TiedHead(_embedding)
            : weights.Linear("head", [(names.Head, config.VocabularySize)], config.HiddenSize, config.HeadBias, new(null, ModelComponent.Head));
        register_module("head", _head);
        (ParameterRefs, Projections, _storages) = (weights.References, weights.Projections, weights.Storages);
        _byName = ParameterRefs.ToDictionary(r => r.Name, StringComparer.Ordinal);
        _names = names;
    }

    /// <summary>Sizes and variants.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Where the weights live.</summary>
    public Device Device { get; }

    /// <summary>Head weight [V, D]: the embedding itself where the two are tied.</summary>
    public Parameter HeadWeight => _head.Weight;

    /// <summary>Head bias [V], or null.</summary>
    public Parameter? HeadBias => _head.Bias;

    /// <summary>True when an active adapter changes the head, so that <see cref="HeadWeight"/> alone is not the head.</summary>
    public bool HeadIsAdapted => _head.HasActiveDeltas;

    /// <summary>Training, scoring, prefill and decode.</summary>
    /// <remarks>The caller disposes the tensors of the result. With a cache no gradient is recorded.</remarks>
    /// <exception cref="ArgumentException">More tokens than positions, or shapes that do not fit.</exception>
    /// <exception cref="InputException">A token id outside the vocabulary.</exception>
    public ForwardOutput Forward(ForwardInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        using var grad = input.Cache is null ? null : no_grad();
        var (batch, tokens) = CheckShapes(input);
        var past = input.Cache?.Length ?? 0;
        using var mask = new AttentionMask(input.AttentionMask, tokens, past, Device);
        var (state, positions) = Prepare(input, batch, tokens, past, mask);
        var x = Embed(input, batch, tokens, past, positions);                    // [B, T, D]
        x = state.Tap(x, 0, TapPoint.Embedding);
        input.Cache?.Reserve(tokens);
        foreach (var block in _blocks)
        {
            var next = block.Forward(x, state);
            if (!ReferenceEquals(x, input.Embeddings))
                x.Dispose();
            x = next;
        }

        input.Cache?.Advance(tokens);
        var hidden = state.Tap(_finalNorm.forward(x), Config.Layers, TapPoint.FinalNorm);
        var logits = Logits(hidden, tokens, input.Logits);
        return Release(hidden, logits, state.Routers);
    }

    /// <summary>Logits [..., V] of hidden states after the final norm [..., D], adapters and soft cap included.</summary>
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
        if (disposing)
            _rotary?.Dispose();
        base.Dispose(disposing);
    }

    private static ForwardOutput Release(Tensor hidden, Tensor? logits, IReadOnlyList<RouterTrace> routers)
    {
        foreach (var trace in routers)
        {
            trace.Logits.MoveToOuterDisposeScope();
            trace.Probabilities.MoveToOuterDisposeScope();
            trace.TopExperts.MoveToOuterDisposeScope();
        }

        return new(hidden.MoveToOuterDisposeScope(), logits?.MoveToOuterDisposeScope(), routers);
    }

    private Tensor? Logits(Tensor hidden, int tokens, LogitsFor which) => which switch
    {
        LogitsFor.None => null,
        LogitsFor.LastToken => HeadLogits(tokens == 1 ? hidden : hidden.narrow(1, tokens - 1, 1)),
        _ => HeadLogits(hidden),
    };

    private (int Batch, int Tokens) CheckShapes(ForwardInput input)
    {
        var given = input.Embeddings ?? input.TokenIds
            ?? throw new ArgumentException("Either token ids or embeddings must be given.", nameof(input));
        var shape = given.shape;
        var fits = input.Embeddings is null ? shape.Length == 2 : shape.Length == 3 && shape[2] == Config.HiddenSize;
        if (!fits || shape[0] < 1 || shape[1] < 1)
        {
            throw new ArgumentException(input.Embeddings is null
                ? $"Token ids are [{string.Join(", ", shape)}]; allowed is [B, T]."
                : $"Embeddings are [{string.Join(", ", shape)}]; allowed is [B, T, {Config.HiddenSize}].", nameof(input));
        }

        var (batch, tokens) = ((int)shape[0], (int)shape[1]);
        var length = tokens + (input.Cache?.Length ?? 0);
        if (input.Cache is { } cache && cache.Batch != batch)
            throw new ArgumentException($"The cache has {cache.Batch} rows, the input {batch}.", nameof(input));
        if (input.AttentionMask is { } mask && (mask.dim() != 2 || mask.shape[0] != batch || mask.shape[1] != length))
            throw new ArgumentException($"The attention mask is [{string.Join(", ", mask.shape)}]; allowed is [{batch}, {length}].", nameof(input));
        if (input.Positions is { } positions && (positions.dim() != 2 || positions.shape[0] != batch || positions.shape[1] != tokens))
            throw new ArgumentException($"The positions are [{string.Join(", ", positions.shape)}]; allowed is [{batch}, {tokens}].", nameof(input));
        return (batch, tokens);
    }

    private (ForwardState State, Tensor? Positions) Prepare(ForwardInput input, int batch, int tokens, int past, AttentionMask mask)
    {
        var all = mask.Shifting is { } real ? (real.to(ScalarType.Int64).cumsum(1) - 1).clamp_(0) : null; // [B, S]
        var positions = input.Positions ?? (past == 0 ? all : all?.narrow(1, past, tokens));
        var length = past + tokens;
        if (input.Positions is not null || (all is not null && (length > Config.LongestSequence || _rotary is { DependsOnLength: true })))
            length = (int)positions!.max().item<long>() + 1;
        if (length > Config.LongestSequence)
            throw new ArgumentException($"The sequence has {length} tokens; the model has {Config.LongestSequence} positions.", nameof(input));
        var rotary = _rotary is null ? (RotaryTables?)null : positions is null ? _rotary.At(past, tokens, length) : _rotary.At(positions, length);
        var keyRotary = input.Cache is null || _rotary is not { DependsOnLength: true }
            ? (RotaryTables?)null
            : all is null ? _rotary.At(0, past + tokens, length) : _rotary.At(all, length);
        return (new()
        {
            Batch = batch,
            Tokens = tokens,
            Mask = mask,
            Taps = ReferenceEquals(input.Taps, TapSet.None) ? null : input.Taps,
            Cache = input.Cache,
            Rotary = rotary,
            KeyRotary = keyRotary,
        }, positions);
    }

    private Tensor Embed(ForwardInput input, int batch, int tokens, int past, Tensor? positions)
    {
        var x = input.Embeddings ?? LookUp(input.TokenIds!, batch, tokens);
        if (Config.EmbeddingScale != 1)
            x = x * Config.EmbeddingScale;
        if (_positions is null)
            return x;
        return x + (positions is null
            ? _positions.narrow(0, past, tokens)
            : _positions.index_select(0, positions.reshape(-1)).view(batch, tokens, Config.HiddenSize));
    }

    private Tensor LookUp(Tensor ids, int batch, int tokens)
    {
        try
        {
            return _embedding.index_select(0, ids.reshape(-1)).view(batch, tokens, Config.HiddenSize);
        }
        catch (ExternalException error)
        {
            var (least, most) = (ids.min().item<long>(), ids.max().item<long>());
            if (least >= 0 && most < Config.VocabularySize)
                throw;
            throw new InputException(
                $"Token id {(least < 0 ? least : most)} is outside the model's vocabulary of {Config.VocabularySize}.", error);
        }
    }
}
