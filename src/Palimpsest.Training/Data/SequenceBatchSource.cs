namespace Palimpsest.Training;

/// <summary>Shuffled batches of sequences under the name <see cref="StepBatches.Train"/>.</summary>
public sealed class SequenceBatchSource : IBatchSource
{
    /// <summary>Batches of sequences, shuffled anew each epoch.</summary>
    /// <param name="sequences">At least one.</param>
    /// <param name="batchSize">Rows per micro-batch, at least 1.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="seed">Seed of the order.</param>
    public SequenceBatchSource(IReadOnlyList<TokenSequence> sequences, int batchSize, int padId, ulong seed) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int BatchesPerEpoch => throw new NotImplementedException();

    /// <inheritdoc/>
    public StepBatches Batch(long index) => throw new NotImplementedException();
}
