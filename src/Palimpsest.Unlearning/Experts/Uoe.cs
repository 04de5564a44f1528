using System.Globalization;

namespace Palimpsest.Unlearning;

/// <summary>Settings of unlearning one expert.</summary>
public sealed record UoeOptions
{
    /// <summary>The method whose loss is used with its default settings, for example <c>npo-rt</c>.</summary>
    public string Method { get; init; } = "graddiff";

    /// <summary>Experts that change (M), at least 1.</summary>
    public int Experts
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Rank of the first of them by affinity, at least 1; above 1 to compare with others than the
    /// best.</summary>
    public int FirstRank
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Weight of the routers' anchor (α), in [0, 1000].</summary>
    public double AnchorWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>Tokens of the forget rows, at least 1, from which affinities are measured; whole rows are
    /// read.</summary>
    public int AffinityTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 100_000;
}

/// <summary>
/// Changes the one expert that forget rows use most and its router, by any method, and anchors the router on the forget
/// rows so that it does not send them elsewhere: L + α ‖g − a‖². Zhuang et al. 2024, arXiv:2411.18797 (UOE).
/// </summary>
/// <remarks>Affinities are of the softmax over all experts, before the best are chosen; they are measured once. The
/// load-balancing loss of the model's training is left out.</remarks>
/// <param name="options">Settings.</param>
/// <exception cref="InputException">There is no such method, or it does not train the model's own weights.</exception>
public sealed class Uoe(UoeOptions options) : IUnlearningMethod
{
    private readonly IUnlearningMethod _method = BaseMethod.Find("uoe", options.Method);

    /// <inheritdoc/>
    public string Id => "uoe";

    /// <inheritdoc/>
    public bool ReadsRetain => _method.ReadsRetain;

    /// <inheritdoc/>
    public bool ReadsAlternates => _method.ReadsAlternates;

    /// <inheritdoc/>
    public bool ReadsHoldout => _method.ReadsHoldout;

    /// <inheritdoc/>
    public bool TakesAdapter => false;

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ExpertAffinity.RequireExperts(job.Model, $"Method '{Id}'");
        UnlearnChecks.RequireFreeChoice(job, Id);
        UnlearnChecks.Require(job, Id, ReadsRetain);
        var chosen = await Task.Run(() => Choose(job, cancellationToken), cancellationToken).ConfigureAwait(false);
        job.Logger.ExpertsChosen(Id, string.Join(' ', chosen.Select(e => $"{e.Layer}/{e.Expert}")));
        return await _method
            .RunAsync(
                job with
                {
                    MayChange = new ExpertSelector(chosen),
                    Extra = options.AnchorWeight > 0 ? (new RouterAnchor(chosen), options.AnchorWeight) : null,
                },
                progress,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>The experts that change.</summary>
    internal IReadOnlyList<(int Layer, int Expert)> Choose(UnlearnJob job, CancellationToken cancellationToken)
    {
        var (rows, tokens) = (0, 0L);
        while (rows < job.Forget.Count && tokens < options.AffinityTokens)
            tokens += job.Forget[rows++].Ids.Length;
        var ranked = ExpertAffinity.Measure(
            job.Model,
            [.. job.Forget.Take(rows)],
            job.PadId,
            job.BatchSize,
            cancellationToken
        );
        if (options.FirstRank - 1 + options.Experts > ranked.Count)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Method '{Id}': {options.Experts} experts from rank {options.FirstRank} on are asked; the model "
                        + $"has {ranked.Count}."
                )
            );
        return
        [
            .. ranked.Skip(options.FirstRank - 1).Take(options.Experts).Select(found => (found.Layer, found.Expert)),
        ];
    }
}
