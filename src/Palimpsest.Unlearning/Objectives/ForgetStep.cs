namespace Palimpsest.Unlearning;

/// <summary>The scored batches of one micro-step.</summary>
/// <param name="Forget">Rows to be forgotten; null where the objective does not read them.</param>
/// <param name="Alternate">Other answers to the same questions, row by row; null where not read.</param>
/// <param name="Retain">Rows to be kept; null where not read.</param>
public sealed record ForgetStep(ScoredBatch? Forget, ScoredBatch? Alternate = null, ScoredBatch? Retain = null)
{
    /// <summary>A step of which only NLLs are known.</summary>
    /// <param name="nll">Sum over each sequence's answer tokens.</param>
    /// <param name="referenceNll">The same under the reference model; empty where there is none.</param>
    public static ForgetStep Of(ReadOnlySpan<double> nll, ReadOnlySpan<double> referenceNll = default) =>
        new(ScoredBatch.Of(nll, referenceNll));

    /// <summary>Where training stands.</summary>
    public TrainStep Position { get; init; }

    /// <summary>Hidden states of the rows to be forgotten; null where not read.</summary>
    public HiddenBatch? ForgetHidden { get; init; }

    /// <summary>Hidden states of the rows to be kept, with the reference's; null where not read.</summary>
    public HiddenBatch? RetainHidden { get; init; }

    internal HiddenBatch ForgetStates =>
        ForgetHidden ?? throw new InvalidOperationException("The objective reads hidden states that were not kept.");

    internal HiddenBatch RetainStates =>
        RetainHidden ?? throw new InvalidOperationException("The retain term reads hidden states that were not kept.");

    internal ScoredBatch ForgetRows =>
        Forget ?? throw new InvalidOperationException("The objective reads forget rows that were not scored.");

    internal ScoredBatch AlternateRows =>
        Alternate ?? throw new InvalidOperationException("The objective reads other answers that were not scored.");

    internal ScoredBatch RetainRows =>
        Retain ?? throw new InvalidOperationException("The objective reads retain rows that were not scored.");
}
