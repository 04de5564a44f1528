namespace Palimpsest.Unlearning;

/// <summary>Settings of cross-entropy unlearning.</summary>
public sealed record CeUOptions : ForgetOptions
{
    /// <summary>Answer tokens at the start of each row that are left as they are, at least 0.</summary>
    public int SkipFirst
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 1;
}

/// <summary>
/// Cross entropy to the model's own distribution without the true token, which gets a logit of −∞; no reference. Yang
/// 2025, arXiv:2503.01224.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class CeU(CeUOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var predicted = PredictedTokens.Of(forget, options.SkipFirst);
        var target = predicted.At(forget.RequiredLogits.detach()).clone(); // [N, V]
        var index = predicted.Ids.unsqueeze(1);
        target.scatter_(1, index, full_like(index, float.NegativeInfinity, ScalarType.Float32));
        return predicted.CrossEntropy(target.softmax(-1), forget.RequiredLogits).MoveToOuterDisposeScope();
    }
}
