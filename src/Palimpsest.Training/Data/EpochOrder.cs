namespace Palimpsest.Training;

/// <summary>Which rows each batch of each epoch takes: a pure function of the seed.</summary>
/// <param name="lengths">Length of each row; used to put rows of like length together.</param>
/// <param name="batchSize">Rows per batch, at least 1.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="bucketed">Whether a batch's rows have like lengths, which saves padding.</param>
public sealed class EpochOrder(IReadOnlyList<int> lengths, int batchSize, ulong seed, bool bucketed = false)
{
    private const int BatchesPerBucket = 16;
    private readonly Lock _gate = new();
    private long _epoch = -1;
    private int[][] _batches = [];

    /// <summary>Batches per epoch; the last may be smaller.</summary>
    public int BatchesPerEpoch { get; } = (lengths.Count + batchSize - 1) / batchSize;

    /// <summary>The rows of batch number <paramref name="index"/>, counted over all epochs.</summary>
    public int[] Rows(long index)
    {
        lock (_gate)
        {
            var epoch = index / BatchesPerEpoch;
            if (epoch != _epoch)
            {
                _batches = Shuffle(new(SeededRandom.Derive(seed, (ulong)epoch)));
                _epoch = epoch;
            }

            return _batches[index % BatchesPerEpoch];
        }
    }

    private int[][] Shuffle(SeededRandom random)
    {
        var order = random.Permutation(lengths.Count);
        if (!bucketed)
            return [.. order.Chunk(batchSize)];
        var sorted = order
            .Chunk(batchSize * BatchesPerBucket)
            .SelectMany(bucket => bucket.OrderBy(row => lengths[row]))
            .ToArray();
        var batches = sorted.Chunk(batchSize).ToArray();
        return [.. random.Permutation(batches.Length).Select(i => batches[i])];
    }
}
