namespace Palimpsest.Unlearning;

/// <summary>Batches of forget rows, each with one retain row and one other answer beside it: a pure function of seed
/// and index.</summary>
/// <remarks>Retain rows run on where the batch before stopped, so that every one is read before any comes
/// again.</remarks>
internal sealed class ForgetBatchSource : IBatchSource
{
    private readonly UnlearnJob _job;
    private readonly ulong _seed;
    private readonly EpochOrder _forget;
    private readonly EpochOrder? _retain;
    private readonly bool _alternates;

    public ForgetBatchSource(UnlearnJob job, bool readsRetain, bool readsAlternates)
    {
        (_job, _seed, _alternates) = (job, job.Training.Seed, readsAlternates);
        _forget = new([.. job.Forget.Select(s => s.Ids.Length)], job.BatchSize, SeededRandom.Derive(_seed, 1));
        _retain = readsRetain
            ? new([.. job.Retain.Select(s => s.Ids.Length)], batchSize: 1, SeededRandom.Derive(_seed, 2))
            : null;
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => _forget.BatchesPerEpoch;

    /// <inheritdoc/>
    public StepBatches Batch(long index)
    {
        var rows = _forget.Rows(index);
        var batches = new Dictionary<string, TokenBatch> { [StepBatches.Forget] = Collate(_job.Forget, rows) };
        if (_retain is not null)
            batches[StepBatches.Retain] = Collate(_job.Retain, RetainRows(_retain, index, rows.Length));
        if (_alternates)
        {
            var random = new SeededRandom(SeededRandom.Derive(_seed, 1000 + (ulong)index));
            var chosen = rows.Select(row => (Row: row, Answer: random.Below(_job.Alternates[row].Count))).ToArray();
            batches[StepBatches.Alternate] = TokenBatch.Collate(
                [
                    .. chosen.Select(c =>
                        _job.Alternates[c.Row][c.Answer] with
                        {
                            Row = AlternateRow(_job, c.Row, c.Answer),
                        }
                    ),
                ],
                _job.PadId,
                device: _job.Model.Device
            );
        }

        return new(batches);
    }

    /// <summary>The number of an answer among all answers to all questions.</summary>
    public static int AlternateRow(UnlearnJob job, int row, int answer)
    {
        var before = 0;
        for (var i = 0; i < row; i++)
            before += job.Alternates[i].Count;
        return before + answer;
    }

    private int[] RetainRows(EpochOrder order, long index, int count)
    {
        var first = index / BatchesPerEpoch * _job.Forget.Count + index % BatchesPerEpoch * _job.BatchSize;
        return [.. Enumerable.Range(0, count).Select(i => order.Rows(first + i)[0])];
    }

    private TokenBatch Collate(IReadOnlyList<TokenSequence> sequences, int[] rows) =>
        TokenBatch.Collate(
            [.. rows.Select(row => sequences[row] with { Row = row })],
            _job.PadId,
            device: _job.Model.Device
        );
}
