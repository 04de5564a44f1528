namespace Palimpsest.Unlearning;

/// <summary>Settings of CodeEraser.</summary>
public sealed record CodeEraserOptions : ForgetOptions
{
    /// <summary>The authors' settings: a retain KL of weight 0.1.</summary>
    public CodeEraserOptions() => (Retain, RetainWeight, KlOver) = (RetainTerm.Kl, 0.1, KlPositions.RealTokens);

    /// <summary>Weight of the NLL of the tokens around the secrets (γ), in [0, 1000].</summary>
    public double SurroundingWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 0.1;

    /// <summary>Weight of the KL by which the secrets' tokens are to leave the reference (λ), in [0, 1000].</summary>
    public double DivergenceWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 0.1;

    /// <summary>With held-out rows: tokens of an n-gram of the extraction likelihood, at least 1.</summary>
    public int StopNgram
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>With held-out rows: the extraction likelihood is measured once the memorisation accuracy is no more
    /// than this above that of held-out rows, in [0, 1].</summary>
    public double StopMargin
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.3;

    /// <summary>With held-out rows: epochs without less extraction likelihood after which the accuracy alone decides,
    /// at least 1.</summary>
    public int StopPatience
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5;
}

/// <summary>
/// Ascends on tagged tokens S, secrets in code, and descends on the others N of the same rows:
/// −mean_S nll + γ mean_N nll − λ mean_S KL(reference ‖ model). arXiv:2509.13755.
/// </summary>
/// <remarks>
/// A token is a secret where its tag is not 0. Padding is in no mean; the authors count it in mean_N. The retain KL is
/// the mean over real tokens, where the authors divide the sum by the rows alone. Nothing bounds the loss from below:
/// with held-out rows the run stops as <see cref="MemorizationStop"/> says.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class CodeEraser(CodeEraserOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits | ForgetNeeds.ForgetReferenceLogits;

    /// <inheritdoc/>
    public void Check(IReadOnlyList<TokenSequence> forget)
    {
        ArgumentNullException.ThrowIfNull(forget);
        for (var row = 0; row < forget.Count; row++)
        {
            var sequence = forget[row];
            if (sequence.Tags is not { } tags || !tags.Where((tag, i) => tag != 0 && sequence.IsLabelled(i)).Any())
                throw new InputException($"Forget row {row} has no tagged token: nothing in it says what is secret.");
        }
    }

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var labelled = forget.Tokens.LabelMask;
        var tags = forget.Tokens.Tags ?? throw new InvalidOperationException("The forget rows have no tags.");
        var secret = labelled.logical_and(tags != 0); // [B, T]
        var others = labelled.logical_and(tags == 0);
        var loss = Mean(forget.TokenNll, others) * options.SurroundingWeight - Mean(forget.TokenNll, secret);
        var width = secret.shape[1] - 1;
        var reference = forget.RequiredReferenceLogits.detach().narrow(1, 0, width).log_softmax(-1);
        var model = forget.RequiredLogits.narrow(1, 0, width).log_softmax(-1);
        var divergence = (reference.exp() * (reference - model)).sum(-1); // [B, T - 1], at what predicts
        loss = loss - Mean(divergence, secret.narrow(1, 1, width)) * options.DivergenceWeight;
        return loss.MoveToOuterDisposeScope();
    }

    // A row may be secret throughout.
    private static Tensor Mean(Tensor values, Tensor mask) => where(mask, values, 0f).sum() / mask.sum().clamp_min(1);
}
