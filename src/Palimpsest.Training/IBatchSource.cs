namespace Palimpsest.Training;

/// <summary>Batches by number: a pure function of the seed and the index, so that resuming needs no state.</summary>
public interface IBatchSource
{
    /// <summary>Micro-batches per epoch, at least 1.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>Micro-batch number <paramref name="index"/>, counted over all epochs from 0; the caller disposes
    /// it.</summary>
    StepBatches Batch(long index);
}
