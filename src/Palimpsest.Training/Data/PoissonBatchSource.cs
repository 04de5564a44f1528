namespace Palimpsest.Training;

/// <summary>Batches into which every row comes by its own coin, as DP-SGD's accounting asks: some have no
/// row.</summary>
public sealed class PoissonBatchSource : IBatchSource
{
    private readonly IReadOnlyList<TokenSequence> _sequences;
    private readonly double _rate;
    private readonly int _padId;
    private readonly ulong _seed;
    private readonly Device? _device;

    /// <summary>Batches of sequences under the name <see cref="StepBatches.Train"/>.</summary>
    /// <param name="sequences">At least one; each with a label.</param>
    /// <param name="rate">Sampling rate q of each row, in (0, 1].</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="device">Where the batches go; the CPU by default.</param>
    /// <exception cref="InputException">There is no sequence, or one without a label.</exception>
    public PoissonBatchSource(
        IReadOnlyList<TokenSequence> sequences,
        double rate,
        int padId,
        ulong seed,
        Device? device = null
    )
    {
        SequenceBatchSource.RequireLabels(sequences);
        _rate = Require.InRange(rate, above: 0, atMost: 1, name: nameof(rate));
        (_sequences, _padId, _seed, _device) = (sequences, padId, seed, device);
        BatchesPerEpoch = Math.Max(1, (int)Math.Round(1 / rate));
    }

    /// <summary>Batches of which the expected rows are as many as there are rows: 1/q, rounded.</summary>
    public int BatchesPerEpoch { get; }

    /// <inheritdoc/>
    public StepBatches Batch(long index)
    {
        var random = new SeededRandom(SeededRandom.Derive(_seed, (ulong)index));
        TokenSequence[] drawn = [.. _sequences.Where(_ => random.Unit() < _rate)];
        return new(
            new Dictionary<string, TokenBatch>
            {
                [StepBatches.Train] =
                    drawn.Length == 0 ? TokenBatch.Empty(_device) : TokenBatch.Collate(drawn, _padId, device: _device),
            }
        );
    }
}
