namespace Palimpsest.Benchmarks;

/// <summary>A cache filled to a context, to which one token after another is decoded.</summary>
internal sealed class Decoding : IDisposable
{
    private readonly CausalLM _model;
    private readonly KvCache _cache;
    private readonly Tensor _next;
    private readonly int _context;

    public Decoding(CausalLM model, ModelSize size, int context)
    {
        (_model, _context) = (model, context);
        _cache = new(model.Config, 1, context + 1);
        _next = tensor(size.Tokens(1, 1, seed: 8), [1, 1]);
        using var scope = NewDisposeScope();
        model.Forward(
            new()
            {
                TokenIds = tensor(size.Tokens(1, context, seed: 9), [1, context]),
                Cache = _cache,
                Logits = LogitsFor.None,
            }
        );
    }

    public void Token()
    {
        using var scope = NewDisposeScope();
        _cache.Truncate(_context);
        _model.Forward(
            new()
            {
                TokenIds = _next,
                Cache = _cache,
                Logits = LogitsFor.LastToken,
            }
        );
    }

    public void Dispose() => _cache.Dispose();
}
