namespace Palimpsest.Unlearning;

/// <summary>ULD: a small assistant learns what is to be forgotten, and its logits are subtracted from the model's,
/// whose weights stay as they are.</summary>
/// <remarks>
/// Retain rows and other answers to the forget questions are what the assistant is uniform on; wrong answers there keep
/// it from neighbours. Each micro-batch holds as many of these as forget rows, in turn over all of them, where the
/// authors' interleaving leaves some out.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class UldMethod(UldOptions options) : IUnlearningMethod
{
    private const int Rank = 32;
    private readonly OffsetMethod? _offset = options.Offset == OffsetLoss.None ? null : new(options);

    /// <inheritdoc/>
    public string Id => "uld";

    /// <inheritdoc/>
    public bool Composes => true;

    /// <inheritdoc/>
    public bool ReadsRetain => _offset is null or { ReadsRetain: true };

    /// <inheritdoc/>
    public bool ReadsAlternates => options.Offset is OffsetLoss.None or OffsetLoss.Dpo;

    /// <inheritdoc/>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        IProgress<TrainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        options.RequireUsed();
        if (job.MayChange is not null || job.Reference is not null)
            throw new InputException(
                $"Method '{Id}': MayChange and Reference have no effect, since the model's weights stay as they are."
            );
        UnlearnChecks.Require(job, Id, ReadsRetain);
        using var start = UldAssistant.Truncate(job.Model, options.Layers ?? (job.Model.Config.Layers + 3) / 4);
        var lora = job.Lora ?? AdapterFor(start);
        if (_offset is not null)
            return await _offset.RunAsync(job, start, lora, progress, cancellationToken).ConfigureAwait(false);
        var teaching = job with
        {
            Model = start,
            Retain = [.. job.Retain, .. job.Alternates.SelectMany(answers => answers)],
            Alternates = [],
            Lora = lora,
        };
        var taught = await new Unlearner(Id, new Uld(options), null)
            .RunAsync(teaching, progress, cancellationToken)
            .ConfigureAwait(false);
        using var adapted = taught.Model;
        var settings = new UldComposerOptions { Subtraction = options.Subtraction, Filter = options.Filter };
        return new Composed(adapted.CloneFrozen(), Id, settings, taught.Training)
        {
            StoppedBecause = taught.StoppedBecause,
        };
    }

    // The paper's rank and scale, or the smaller side of the smallest projection.
    private static LoraOptions AdapterFor(CausalLM model)
    {
        var side = model
            .Projections.Where(projection => projection.Layer is not null)
            .Min(projection => Math.Min(projection.RowCount, projection.Projection.InFeatures));
        var rank = (int)Math.Min(Rank, side);
        return new()
        {
            Rank = rank,
            Alpha = rank,
            TargetModules = [LoraOptions.AllLinear],
        };
    }
}
