namespace Palimpsest.Unlearning;

/// <summary>Settings of ULD.</summary>
public sealed record UldOptions
{
    /// <summary>First layers of the model that the assistant has (K), at least 1; by default a quarter of them, rounded
    /// up.</summary>
    public int? Layers
    {
        get;
        init => field = value is { } layers ? Require.AtLeast(layers, 1, nameof(Layers)) : null;
    }

    /// <summary>Weight of the term that makes the assistant uniform on what is kept (w), in [0, 1000].</summary>
    public double RetainWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 6.5;

    /// <summary>Over which positions that term is averaged; the published form takes padding in.</summary>
    public KlPositions UniformOver { get; init; }

    /// <summary>Share a of the assistant's logits that is subtracted, in [0, 10]; 0 changes nothing.</summary>
    public double Subtraction
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 10);
    } = 0.75;

    /// <summary>Tokens below this share γ of the likeliest token's probability are not touched, in [0, 1].</summary>
    public double Filter
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.01;

    /// <summary>Trains the assistant through the composed logits l + w·(l_new − l_begin) instead, which is the
    /// baseline that ULD is compared with.</summary>
    public OffsetLoss Offset { get; init; }

    /// <summary>With an offset loss: weight w of what the assistant changes, in (0, 1000].</summary>
    public double OffsetWeight
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1000);
    } = 1;

    /// <summary>With an offset loss: what holds the composed model to what it is to keep; not hidden states.</summary>
    public RetainTerm OffsetRetain { get; init; } = RetainTerm.Kl;

    /// <summary>With an offset loss: weight of that term, in [0, 1000].</summary>
    public double OffsetRetainWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>Refuses settings that the form does not read.</summary>
    /// <exception cref="InputException">One is set.</exception>
    internal void RequireUsed()
    {
        var (defaults, isOffset) = (new UldOptions(), Offset != OffsetLoss.None);
        if (isOffset && OffsetRetain == RetainTerm.Hidden)
            throw new InputException("uld: offset-retain is hidden; a composed model has no hidden states.");
        if (isOffset && this with { RetainWeight = defaults.RetainWeight, UniformOver = defaults.UniformOver } != this)
            throw new InputException("uld: retain-weight and uniform-over have no effect with an offset loss.");
        if (isOffset && this with { Subtraction = defaults.Subtraction, Filter = defaults.Filter } != this)
            throw new InputException("uld: subtraction and filter have no effect with an offset loss.");
        var plain = this with
        {
            OffsetWeight = defaults.OffsetWeight,
            OffsetRetain = defaults.OffsetRetain,
            OffsetRetainWeight = defaults.OffsetRetainWeight,
        };
        if (!isOffset && plain != this)
            throw new InputException(
                "uld: offset-weight, offset-retain and offset-retain-weight have no effect without an offset loss."
            );
    }
}

/// <summary>
/// What ULD's assistant learns: to remember the forget rows and to be uniform on the others, CE_mean(forget) + w ·
/// KL(uniform ‖ p). Ji et al. 2024, arXiv:2406.08607.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Uld(UldOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget | ForgetNeeds.Retain | ForgetNeeds.RetainLogits;

    /// <inheritdoc/>
    public string Fingerprint => $"{nameof(Uld)} {options}";

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var retain = step.RetainRows;
        var log = retain.RequiredLogits.log_softmax(-1); // [B, T, V]
        var uniform = -log.mean([-1]) - Math.Log(log.shape[^1]); // [B, T]
        var real = retain.Tokens.AttentionMask;
        var mean =
            options.UniformOver == KlPositions.Every ? uniform.mean() : where(real, uniform, 0f).sum() / real.sum();
        return (step.ForgetRows.BatchTokenMean + options.RetainWeight * mean).MoveToOuterDisposeScope();
    }
}
