namespace Palimpsest.Training;

/// <summary>Shuffled batches of sequences under the name <see cref="StepBatches.Train"/>.</summary>
public sealed class SequenceBatchSource : IBatchSource
{
    private readonly IReadOnlyList<TokenSequence> _sequences;
    private readonly EpochOrder _order;
    private readonly int _padId;
    private readonly Device? _device;

    /// <summary>Batches of sequences, shuffled anew each epoch.</summary>
    /// <param name="sequences">At least one; each with a label.</param>
    /// <param name="batchSize">Rows per micro-batch, at least 1.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="bucketed">Whether a batch's rows have like lengths, which saves padding.</param>
    /// <param name="device">Where the batches go; the CPU by default.</param>
    /// <exception cref="InputException">There is no sequence, or one without a label.</exception>
    public SequenceBatchSource(
        IReadOnlyList<TokenSequence> sequences,
        int batchSize,
        int padId,
        ulong seed,
        bool bucketed = false,
        Device? device = null
    )
    {
        RequireLabels(sequences);
        Require.AtLeast(batchSize, 1, nameof(batchSize));
        (_sequences, _padId, _device) = (sequences, padId, device);
        _order = new([.. sequences.Select(s => s.Ids.Length)], batchSize, seed, bucketed);
    }

    /// <summary>Refuses data that nothing can be learnt from.</summary>
    /// <exception cref="InputException">There is no sequence, or one without a label.</exception>
    internal static void RequireLabels(IReadOnlyList<TokenSequence> sequences)
    {
        if (sequences.Count == 0)
            throw new InputException("The training data are empty; needed is at least one row.");
        if (sequences.FirstOrDefault(s => s.LabelCount <= 0) is { } bare)
            throw new InputException(
                $"Training row {bare.Row} has no token to learn: its {bare.Ids.Length} tokens are all prompt."
            );
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => _order.BatchesPerEpoch;

    /// <inheritdoc/>
    public StepBatches Batch(long index) =>
        new(
            new Dictionary<string, TokenBatch>
            {
                [StepBatches.Train] = TokenBatch.Collate(
                    [.. _order.Rows(index).Select(row => _sequences[row])],
                    _padId,
                    device: _device
                ),
            }
        );
}
