namespace Palimpsest.Unlearning;

/// <summary>Settings of <see cref="OffsetComposer"/>.</summary>
public sealed record OffsetComposerOptions
{
    /// <summary>Weight w of what the assistant has changed, in [0, 1000]; 0 changes nothing.</summary>
    public double Weight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;
}

/// <summary>Adds what training has changed in a small assistant: l + w·(l_new − l_begin). The offset baseline of
/// Ji et al. 2024, arXiv:2406.08607.</summary>
/// <remarks>Models: the target, the trained assistant, the assistant as it began. Every id keeps its logit where
/// the two assistants agree.</remarks>
public sealed class OffsetComposer(OffsetComposerOptions options) : ILogitComposer
{
    /// <inheritdoc/>
    public int Models => 3;

    /// <inheritdoc/>
    public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use)
    {
        LogitShapes.Check(logits, Models);
        using var scope = NewDisposeScope();
        return (logits[0] + options.Weight * (logits[1] - logits[2])).MoveToOuterDisposeScope();
    }
}
