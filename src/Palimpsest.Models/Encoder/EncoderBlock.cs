namespace Palimpsest.Models;

/// <summary>Attention in both directions and an MLP, each added to its input and then normalized.</summary>
internal sealed class EncoderBlock : nn.Module
{
    private readonly long _heads;
    private readonly long _size;
    private readonly ProjectionSlot _queryKeyValue;
    private readonly ProjectionSlot _output;
    private readonly Normalization _attentionNorm;
    private readonly FeedForward _mlp;
    private readonly Normalization _mlpNorm;

    public EncoderBlock(WeightBuilder weights, DecoderConfig config, int layer)
        : base("block")
    {
        (_heads, _size) = (config.Heads, config.HeadSize);
        long width = config.HiddenSize;
        string Path(string module) => weights.Path(layer, module);
        var place = new WeightBuilder.Place(layer, ModelComponent.Attention);
        _queryKeyValue = weights.Linear(
            "query_key_value",
            [
                (Path("attention.self.query"), width),
                (Path("attention.self.key"), width),
                (Path("attention.self.value"), width),
            ],
            width,
            bias: true,
            place
        );
        _output = weights.Linear("output", [(Path("attention.output.dense"), width)], width, bias: true, place);
        _attentionNorm = new("attention_norm", weights, config, Path("attention.output.LayerNorm"), width, layer);
        _mlp = new(
            weights,
            config,
            config.IntermediateSize,
            [Path("intermediate.dense")],
            Path("output.dense"),
            new(layer, ModelComponent.Mlp)
        );
        _mlpNorm = new("mlp_norm", weights, config, Path("output.LayerNorm"), width, layer);
        _queryKeyValue.RegisterIn(this);
        _output.RegisterIn(this);
        register_module("attention_norm", _attentionNorm);
        register_module("mlp", _mlp);
        register_module("mlp_norm", _mlpNorm);
    }

    /// <summary>x [B, T, D] → [B, T, D].</summary>
    /// <param name="x">Hidden states.</param>
    /// <param name="bias">0 at real tokens and −∞ at padding [B, 1, 1, T], or null without padding.</param>
    public Tensor Forward(Tensor x, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        x = _attentionNorm.forward(x + Attend(x, bias));
        return _mlpNorm.forward(x + _mlp.Forward(x)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x, Tensor? bias)
    {
        var (batch, tokens) = (x.shape[0], x.shape[1]);
        var together = _queryKeyValue.Forward(x).view(batch, tokens, 3, _heads, _size);
        var parts = together.permute(2, 0, 3, 1, 4).unbind(0); // 3 · [B, H, T, Dh]
        var attended = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], bias, 0, false);
        return _output.Forward(attended.transpose(1, 2).reshape(batch, tokens, _heads * _size));
    }
}
