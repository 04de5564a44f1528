namespace Palimpsest.Training;

/// <summary>Batches of sequences in the order in which they stand, under the name <see cref="StepBatches.Train"/>: for
/// rows that grow harder.</summary>
public sealed class OrderedBatchSource : IBatchSource
{
    private readonly TokenSequence[][] _batches;
    private readonly int _padId;
    private readonly Device? _device;

    /// <summary>Batches of so many rows, the same in every epoch; the last may be smaller.</summary>
    /// <param name="sequences">At least one; each with a label.</param>
    /// <param name="batchSize">Rows per micro-batch, at least 1.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="device">Where the batches go; the CPU by default.</param>
    /// <exception cref="InputException">There is no sequence, or one without a label.</exception>
    public OrderedBatchSource(IReadOnlyList<TokenSequence> sequences, int batchSize, int padId, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        SequenceBatchSource.RequireLabels(sequences);
        _batches = [.. sequences.Chunk(Require.AtLeast(batchSize, 1, nameof(batchSize)))];
        (_padId, _device) = (padId, device);
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => _batches.Length;

    /// <inheritdoc/>
    public StepBatches Batch(long index) =>
        new(
            new Dictionary<string, TokenBatch>
            {
                [StepBatches.Train] = TokenBatch.Collate(_batches[index % _batches.Length], _padId, device: _device),
            }
        );
}
