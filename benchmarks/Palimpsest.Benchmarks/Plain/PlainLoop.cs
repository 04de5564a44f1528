namespace Palimpsest.Benchmarks;

/// <summary>The training loop of TorchSharp's examples: dense cross-entropy, its own clipping, its own AdamW.</summary>
internal sealed class PlainLoop(PlainLlama model, double learningRate) : IDisposable
{
    private readonly optim.Optimizer _optimizer = optim.AdamW(model.parameters(), lr: learningRate, weight_decay: 0.01);

    /// <summary>A step on ids [rows, length]; the loss.</summary>
    public float Step(long[] ids, int rows, int length)
    {
        using var scope = NewDisposeScope();
        var tokens = tensor(ids, [rows, length]);
        _optimizer.zero_grad();
        var loss = model.Loss(tokens);
        loss.backward();
        nn.utils.clip_grad_norm_(model.parameters(), 1);
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose() => _optimizer.Dispose();
}
