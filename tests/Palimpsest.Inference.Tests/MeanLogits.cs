namespace Palimpsest.Inference.Tests;

/// <summary>The mean of two models' logits.</summary>
internal sealed class MeanLogits : ILogitComposer
{
    public int Models => 2;

    public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use) => (logits[0] + logits[1]) / 2;
}
