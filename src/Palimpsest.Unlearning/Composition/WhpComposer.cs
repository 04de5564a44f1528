namespace Palimpsest.Unlearning;

/// <summary>Settings of <see cref="WhpComposer"/>.</summary>
public sealed record WhpOptions
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
/// Takes off what a model that was taught more of the text favours: v = v_base − α·ReLU(v_reinforced − v_base). Eldan
/// and Russinovich 2023, arXiv:2310.02238, the decode-time form that MUSE compares.
/// </summary>
/// <remarks>Models: the baseline and the reinforced one. No logit ever rises. The text is still in the weights of
/// both.</remarks>
public sealed class WhpComposer(WhpOptions options) : ILogitComposer
{
    /// <inheritdoc/>
    public int Models => 2;

    /// <inheritdoc/>
    public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use)
    {
        LogitShapes.Check(logits, Models);
        using var scope = NewDisposeScope();
        var (baseline, reinforced) = (logits[0], logits[1]);
        var gain = options.ComparesLogProbabilities
            ? reinforced.log_softmax(-1) - baseline.log_softmax(-1)
            : reinforced - baseline;
        return (baseline - options.Strength * gain.relu()).MoveToOuterDisposeScope();
    }
}
