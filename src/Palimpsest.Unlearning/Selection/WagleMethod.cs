namespace Palimpsest.Unlearning;

/// <summary>Forgetting by a method of the catalogue that may change the weights alone which <see cref="Wagle"/>
/// chooses.</summary>
/// <param name="options">Settings.</param>
/// <exception cref="InputException">There is no such method, or it does not train the model's own weights.</exception>
public sealed class WagleMethod(WagleOptions options) : IUnlearningMethod
{
    private readonly IUnlearningMethod _method = BaseMethod.Find("wagle", options.Method);

    /// <inheritdoc/>
    public string Id => "wagle";

    /// <inheritdoc/>
    public bool ReadsRetain => options.ReadsRetain || _method.ReadsRetain;

    /// <inheritdoc/>
    public bool ReadsAlternates => options.OnAlternates || _method.ReadsAlternates;

    /// <inheritdoc/>
    public bool ReadsAnchors => _method.ReadsAnchors;

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
        options.RequireUsed();
        UnlearnChecks.RequireFreeChoice(job, Id);
        UnlearnChecks.Require(job, Id, ReadsRetain);
        return await _method
            .RunAsync(job with { MayChange = new Wagle(options) }, progress, cancellationToken)
            .ConfigureAwait(false);
    }
}
