namespace Palimpsest.Training.Tests;

public sealed class BatchSourceTests
{
    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable.Range(0, 40).Select(row => new TokenSequence([1, 3 + row, 2], 1, row)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_epoch_holds_every_row_once_in_another_order(bool bucketed)
    {
        var source = new SequenceBatchSource(Rows, 4, 0, 3, bucketed);
        int[] Epoch(int epoch) =>
            [
                .. Enumerable
                    .Range(epoch * source.BatchesPerEpoch, source.BatchesPerEpoch)
                    .SelectMany(i =>
                    {
                        using var batches = source.Batch(i);
                        return batches[StepBatches.Train].Rows;
                    }),
            ];
        var (first, second, third) = (Epoch(0), Epoch(1), Epoch(2));
        Assert.Equal(Enumerable.Range(0, 40), first.Order());
        Assert.Equal(Enumerable.Range(0, 40), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(second, third);
        Assert.Equal(first, Epoch(0));
    }

    [Fact]
    public void Rows_that_grow_harder_are_read_in_their_order_in_every_epoch()
    {
        var source = new OrderedBatchSource(Rows, 15, 0);
        Assert.Equal(3, source.BatchesPerEpoch);
        int[][] batches =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(i =>
                {
                    using var batch = source.Batch(i);
                    return batch[StepBatches.Train].Rows.ToArray();
                }),
        ];
        Assert.Equal(Enumerable.Range(0, 40), batches[..3].SelectMany(rows => rows));
        Assert.Equal([15, 15, 10, 15], batches.Select(rows => rows.Length));
        Assert.Equal(batches[0], batches[3]);
        Assert.Throws<InputException>(() => new OrderedBatchSource([], 4, 0));
    }

    [Fact]
    public void Random_sampling_takes_each_row_at_its_rate_and_some_batches_have_no_row()
    {
        var source = new PoissonBatchSource(Rows, 0.05, 0, 7);
        Assert.Equal(20, source.BatchesPerEpoch);
        var sizes = Enumerable
            .Range(0, 600)
            .Select(i =>
            {
                using var batches = source.Batch(i);
                return (int)batches.RowCount;
            })
            .ToArray();
        Assert.Equal(40 * 0.05, sizes.Average(), tolerance: 0.25);
        Assert.InRange(sizes.Count(size => size == 0), 0.08 * 600, 0.18 * 600);
        using var empty = source.Batch(Array.IndexOf(sizes, 0));
        Assert.Equal([0, 1], empty[StepBatches.Train].Ids.shape);
        Assert.Equal(0, empty.RealTokens);
    }

    [Fact]
    public void Labels_and_tags_are_per_token_and_padding_has_none()
    {
        using var batch = TokenBatch.Collate(
            [new([1, 5, 6, 7], 1) { Labels = [true, false, true, true], Tags = [0, 0, 1, 0] }, new([1, 5], 1, 1)],
            padId: 0
        );
        Assert.Equal([false, false, true, true, false, true, false, false], batch.LabelMask.data<bool>().ToArray());
        Assert.Equal([0, 0, 1, 0, 0, 0, 0, 0], batch.Tags!.data<long>().ToArray());
        Assert.Equal(2, new TokenSequence([1, 5, 6, 7], 1) { Labels = [true, false, true, true] }.LabelCount);
        Assert.Throws<ArgumentException>(() => new TokenSequence([1, 5], 1) { Tags = [1] });
    }
}
