namespace Palimpsest.Models;

/// <summary>Attention and MLP around the residual stream, with norms where the family has them.</summary>
internal sealed class DecoderBlock : nn.Module
{
    private readonly int _layer;
    private readonly bool _parallel;
    private readonly Normalization? _beforeAttention;
    private readonly Normalization? _afterAttention;
    private readonly Normalization? _beforeMlp;
    private readonly Normalization? _afterMlp;
    private readonly Attention _attention;
    private readonly FeedForward? _mlp;
    private readonly MixtureOfExperts? _experts;

    public DecoderBlock(WeightBuilder weights, DecoderConfig config, int layer)
        : base("block")
    {
        (_layer, _parallel) = (layer, config.ParallelBlock);
        var names = weights.Names;
        var (before, after) = (
            config.NormPlacement != NormPlacement.After,
            config.NormPlacement != NormPlacement.Before
        );
        _beforeAttention = before ? Norm("before_attention", names.BeforeAttention) : null;
        _attention = new(weights, config, layer);
        register_module("attention", _attention);
        _afterAttention = after ? Norm("after_attention", names.AfterAttention) : null;
        _beforeMlp = before && !(_parallel && config.SharedBlockNorm) ? Norm("before_mlp", names.BeforeMlp) : null;
        if (config.Experts is { } experts && !experts.DenseLayers.Contains(layer))
        {
            _experts = new(weights, config, layer);
            register_module("experts", _experts);
        }
        else
        {
            _mlp = new(
                weights,
                config,
                config.IntermediateSize,
                [.. names.Up.Select(up => weights.Path(layer, up))],
                weights.Path(layer, names.Down),
                new(layer, ModelComponent.Mlp)
            );
            register_module("mlp", _mlp);
        }

        _afterMlp = after ? Norm("after_mlp", names.AfterMlp) : null;

        Normalization Norm(string name, string path)
        {
            var norm = new Normalization(name, weights, config, weights.Path(layer, path), config.HiddenSize, layer);
            register_module(name, norm);
            return norm;
        }
    }

    /// <summary>x [B, T, D] → [B, T, D].</summary>
    public Tensor Forward(Tensor x, ForwardState state)
    {
        using var scope = NewDisposeScope();
        x = state.Tap(x, _layer, TapPoint.BlockInput);
        var normed = _beforeAttention?.forward(x) ?? x;
        var attended = _attention.Forward(normed, state);
        attended = _afterAttention?.forward(attended) ?? attended;
        var residual = _parallel ? x : x + attended;
        var input = _beforeMlp?.forward(residual) ?? (_parallel ? normed : residual);
        var output = residual + Mlp(input, state);
        if (_parallel)
            output = output + attended;
        if (_experts is not null)
            state.Routers[^1].MoveToOuterScope();
        return state.Tap(output, _layer, TapPoint.BlockOutput).MoveToOuterDisposeScope();
    }

    private Tensor Mlp(Tensor input, ForwardState state)
    {
        input = state.Tap(input, _layer, TapPoint.MlpInput);
        var output = state.Tap(
            _experts?.Forward(input, state) ?? _mlp!.Forward(input, new(state, _layer)),
            _layer,
            TapPoint.MlpOutput
        );
        return _afterMlp?.forward(output) ?? output;
    }
}
