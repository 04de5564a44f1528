namespace Palimpsest.Unlearning;

/// <summary>Settings of the inverted hinge loss.</summary>
public sealed record InvertedHingeOptions : ForgetOptions;

/// <summary>
/// Moves probability from the true token to the best other one: mean 1 + p_t − max_{v≠t} p_v, in [0, 2]. Cha et al.
/// 2024, arXiv:2408.06621 (the loss of LoKU).
/// </summary>
/// <remarks>Its least value is a sure wrong answer, not a flat one: stop by what is measured.</remarks>
public sealed class InvertedHinge : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        return PerToken(step.ForgetRows).mean().MoveToOuterDisposeScope();
    }

    /// <summary>The loss of each labelled token [N] float32, row by row.</summary>
    /// <param name="batch">A batch with logits.</param>
    public static Tensor PerToken(ScoredBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        var predicted = PredictedTokens.Of(batch);
        var p = predicted.At(batch.RequiredLogits).softmax(-1); // [N, V]
        var index = predicted.Ids.unsqueeze(1);
        var others = p.scatter(1, index, full_like(index, float.NegativeInfinity, ScalarType.Float32));
        return (1 + p.gather(1, index).squeeze(1) - others.amax([-1])).MoveToOuterDisposeScope();
    }
}
