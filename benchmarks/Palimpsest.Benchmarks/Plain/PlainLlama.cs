using TorchSharp.Modules;

namespace Palimpsest.Benchmarks;

/// <summary>A Llama as one writes it with TorchSharp's own modules, after the reference implementation.</summary>
internal sealed class PlainLlama : nn.Module<Tensor, Tensor>
{
    private readonly int _vocabulary;
    private readonly Embedding _embedding;
    private readonly ModuleList<PlainBlock> _layers;
    private readonly PlainNorm _norm;
    private readonly Tensor _cos;
    private readonly Tensor _sin;

    public PlainLlama(ModelSize size)
        : base(nameof(PlainLlama))
    {
        _vocabulary = size.Vocabulary;
        _embedding = nn.Embedding(size.Vocabulary, size.Hidden);
        _layers = nn.ModuleList(Enumerable.Range(0, size.Layers).Select(_ => new PlainBlock(size)).ToArray());
        _norm = new(size.Hidden);
        var half = size.Hidden / size.Heads / 2;
        using var scope = NewDisposeScope();
        var frequencies = pow(10000f, -arange(half, dtype: ScalarType.Float32) / half);
        var angles = outer(arange(1024, dtype: ScalarType.Float32), frequencies);
        angles = cat([angles, angles], -1); // [T, Dh]
        (_cos, _sin) = (angles.cos().DetachFromDisposeScope(), angles.sin().DetachFromDisposeScope());
        register_module("embed_tokens", _embedding);
        register_module("layers", _layers);
        register_module("norm", _norm);
    }

    /// <summary>Ids [B, T] → logits [B, T, V].</summary>
    public override Tensor forward(Tensor input)
    {
        var x = _embedding.forward(input);
        var length = input.shape[1];
        var (cos, sin) = (_cos.narrow(0, 0, length), _sin.narrow(0, 0, length));
        foreach (var layer in _layers)
            x = layer.Forward(x, cos, sin);
        return nn.functional.linear(_norm.forward(x), _embedding.weight!);
    }

    /// <summary>Mean next-token loss of ids [B, T].</summary>
    public Tensor Loss(Tensor ids)
    {
        var length = ids.shape[1];
        var logits = forward(ids).narrow(1, 0, length - 1).reshape(-1, _vocabulary);
        return nn.functional.cross_entropy(logits, ids.narrow(1, 1, length - 1).reshape(-1));
    }

    /// <summary>Takes the weights of ours, and makes sure that both compute the same.</summary>
    public void CopyFrom(CausalLM model)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var own = named_parameters().ToDictionary(p => "model." + p.name, p => p.parameter);
        foreach (var (name, value) in model.ExportWeights())
        {
            own[name].copy_(value);
            own.Remove(name);
        }

        var ids = arange(64).reshape(2, 32);
        var difference = (forward(ids) - model.Forward(new() { TokenIds = ids }).Logits!).abs().max().item<float>();
        if (own.Count > 0 || !(difference < 1e-4))
            throw new InvalidOperationException(
                $"The plain model differs: logits by {difference}, without weight {string.Join(", ", own.Keys)}."
            );
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cos.Dispose();
            _sin.Dispose();
        }

        base.Dispose(disposing);
    }
}
