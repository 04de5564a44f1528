namespace Palimpsest.Unlearning;

/// <summary>Settings of UNDIAL.</summary>
public sealed record UndialOptions : ForgetOptions
{
    /// <summary>How much is taken from the true token's logit, in (0, 1000].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1000);
    } = 10;
}

/// <summary>
/// Distils the reference with the true token's logit lowered by β, over answer tokens alone: CE(softmax(t − β·onehot),
/// p).
/// Dong et al. 2024, arXiv:2402.10052.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Undial(UndialOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits | ForgetNeeds.ForgetReferenceLogits;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var predicted = PredictedTokens.Of(forget);
        var teacher = predicted.At(forget.RequiredReferenceLogits.detach()); // [N, V]
        var target = teacher.scatter_add(
            1,
            predicted.Ids.unsqueeze(1),
            full_like(predicted.Ids.unsqueeze(1), -options.Beta, ScalarType.Float32)
        );
        return predicted.CrossEntropy(target.softmax(-1), forget.RequiredLogits).MoveToOuterDisposeScope();
    }
}
