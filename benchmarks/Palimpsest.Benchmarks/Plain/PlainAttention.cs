using TorchSharp.Modules;

namespace Palimpsest.Benchmarks;

internal sealed class PlainAttention : nn.Module
{
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _size;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    public PlainAttention(ModelSize size)
        : base(nameof(PlainAttention))
    {
        (_heads, _kvHeads, _size) = (size.Heads, size.KeyValueHeads, size.Hidden / size.Heads);
        _query = nn.Linear(size.Hidden, size.Hidden, hasBias: false);
        _key = nn.Linear(size.Hidden, _kvHeads * _size, hasBias: false);
        _value = nn.Linear(size.Hidden, _kvHeads * _size, hasBias: false);
        _output = nn.Linear(size.Hidden, size.Hidden, hasBias: false);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("o_proj", _output);
    }

    public Tensor Forward(Tensor x, Tensor cos, Tensor sin)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var queries = Rotate(Split(_query.forward(x), _heads), cos, sin);
        var keys = Repeat(Rotate(Split(_key.forward(x), _kvHeads), cos, sin));
        var values = Repeat(Split(_value.forward(x), _kvHeads));
        var attended = nn.functional.scaled_dot_product_attention(queries, keys, values, is_casual: true);
        return _output.forward(attended.transpose(1, 2).reshape(batch, length, _heads * _size));
    }

    private Tensor Split(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, _size).transpose(1, 2);

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        var half = x.shape[^1] / 2;
        var turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return x * cos + turned * sin;
    }

    private Tensor Repeat(Tensor x) =>
        x.unsqueeze(2)
            .expand(x.shape[0], _kvHeads, _heads / _kvHeads, x.shape[2], _size)
            .reshape(x.shape[0], _heads, x.shape[2], _size);
}
