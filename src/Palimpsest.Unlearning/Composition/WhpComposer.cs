namespace Palimpsest.Unlearning;

/// <summary>Settings of <see cref="WhpComposer"/>.</summary>
public sealed record WhpComposerOptions
{
    /// <summary>Strength α ≥ 0, at most 1000; 0 changes nothing.</summary>
    public double Strength
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 5;

    /// <summary>Compares log-probabilities, so that a constant between the two models' logits does not count; the
    /// published form compares raw logits.</summary>
    public bool ComparesLogProbabilities { get; init; }
}

/// <summary>
/// Takes off what a model that was taught more of the text favours: v = v_base − α·ReLU(v_reinforced − v_base).
/// Eldan and Russinovich 2023, arXiv:2310.02238, the decode-time form that MUSE compares.
/// </summary>
/// <remarks>Models: the baseline and the reinforced one. No logit ever rises. The text is still in the weights of
/// both.</remarks>
public sealed class WhpComposer(WhpComposerOptions options) : ILogitComposer
{
    /// <inheritdoc/>
    public int Models => 2;

    /// <inheritdoc/>
    public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use)
    {
        LogitShapes.Check(logits, Models);
        using var scope = NewDisposeScope();
        return Generic(logits[0], logits[0], logits[1], options).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of what a model without the text would say, v − α·ReLU(v_reinforced − v_base).</summary>
    /// <param name="generic">The baseline's on the text with generic expressions, v [..., V] float32.</param>
    /// <param name="baseline">The baseline's on the text itself [..., V].</param>
    /// <param name="reinforced">The reinforced model's on the text itself [..., V].</param>
    /// <param name="options">Strength, and what is compared.</param>
    internal static Tensor Generic(Tensor generic, Tensor baseline, Tensor reinforced, WhpComposerOptions options)
    {
        using var scope = NewDisposeScope();
        var gain = options.ComparesLogProbabilities
            ? reinforced.log_softmax(-1) - baseline.log_softmax(-1)
            : reinforced - baseline;
        return (generic - options.Strength * gain.relu()).MoveToOuterDisposeScope();
    }
}
