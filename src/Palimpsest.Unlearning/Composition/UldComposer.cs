namespace Palimpsest.Unlearning;

/// <summary>Settings of <see cref="UldComposer"/>.</summary>
public sealed record UldComposerOptions
{
    /// <summary>Share a of the assistant's logits that is subtracted, in [0, 10]; 0 changes nothing.</summary>
    public double Subtraction
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 10);
    } = 0.75;

    /// <summary>Tokens below this share γ of the likeliest token's probability keep the target's logit when scored and
    /// never come when decoded, in [0, 1]; at least the int(γ·V) likeliest are not among them. 0 filters
    /// none.</summary>
    public double Filter
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.01;
}

/// <summary>
/// Subtracts what a small assistant remembers: l_f = l − a·l_a over the likely tokens of the target. Ji et al. 2024,
/// arXiv:2406.08607.
/// </summary>
/// <remarks>
/// <para>
/// Models: the target, whose weights are as they were, and the assistant, which remembers the forget set and is uniform
/// elsewhere. Unlearnt is the service: whoever holds the target can leave the assistant out.
/// </para>
/// <para>
/// With q = log softmax(l), tokens with q below min(max q + ln γ, q of the n-th likeliest), n = max(1, int(γ·V)),
/// are filtered. Scored, they keep l, as in the authors' code, so that a filtered token can have more probability
/// than a kept one; decoded, they are −∞ where the authors' code has −1000. Logits are raw: the authors' greedy
/// search without filter takes log softmax of both, which is the same distribution. n is at least 1; the authors'
/// n = 0 of small vocabularies filters nothing.
/// </para>
/// </remarks>
public sealed class UldComposer(UldComposerOptions options) : ILogitComposer
{
    /// <inheritdoc/>
    public int Models => 2;

    /// <inheritdoc/>
    public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use)
    {
        LogitShapes.Check(logits, Models);
        using var scope = NewDisposeScope();
        var (target, assistant) = (logits[0], logits[1]);
        var composed = target - options.Subtraction * assistant;
        if (options.Filter > 0)
        {
            var filtered = Filtered(target, options.Filter);
            composed =
                use == LogitUse.Scoring
                    ? where(filtered, target, composed)
                    : composed.masked_fill(filtered, double.NegativeInfinity);
        }

        return composed.MoveToOuterDisposeScope();
    }

    /// <summary>Tokens [..., V] bool whose probability is too small for a difference of logits to mean
    /// anything.</summary>
    /// <param name="target">Logits [..., V].</param>
    /// <param name="share">γ in (0, 1].</param>
    public static Tensor Filtered(Tensor target, double share)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var scope = NewDisposeScope();
        var log = target.log_softmax(-1);
        var count = Math.Max(1, (int)(share * target.shape[^1]));
        var likeliest = log.topk(count, -1).values; // [..., n], falling
        var threshold = (likeliest.narrow(-1, 0, 1) + Math.Log(share)).minimum(likeliest.narrow(-1, count - 1, 1));
        return log.less(threshold).MoveToOuterDisposeScope();
    }
}
