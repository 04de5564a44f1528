namespace Palimpsest.Benchmarks;

internal sealed class PlainBlock : nn.Module
{
    private readonly PlainNorm _inputNorm;
    private readonly PlainNorm _mlpNorm;
    private readonly PlainAttention _attention;
    private readonly PlainMlp _mlp;

    public PlainBlock(ModelSize size)
        : base(nameof(PlainBlock))
    {
        (_inputNorm, _mlpNorm, _attention, _mlp) = (new(size.Hidden), new(size.Hidden), new(size), new(size));
        register_module("input_layernorm", _inputNorm);
        register_module("self_attn", _attention);
        register_module("post_attention_layernorm", _mlpNorm);
        register_module("mlp", _mlp);
    }

    public Tensor Forward(Tensor x, Tensor cos, Tensor sin)
    {
        x = x + _attention.Forward(_inputNorm.forward(x), cos, sin);
        return x + _mlp.forward(_mlpNorm.forward(x));
    }
}
