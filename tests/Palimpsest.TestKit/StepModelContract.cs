namespace Palimpsest.TestKit;

/// <summary>What every <see cref="IStepModel"/> holds: parts, padding, neighbours, leaving and joining rows change no
/// row's logits.</summary>
public abstract class StepModelContract
{
    private const double Tolerance = 1e-4;

    /// <summary>The model under test, of at least 64 positions and at least 40 ids.</summary>
    protected abstract IStepModel Model { get; }

    /// <summary>Ids of rows of different lengths.</summary>
    protected virtual IReadOnlyList<int[]> Rows { get; } =
    [
        [5, 9, 11, 3, 7, 21, 8],
        [4, 17],
        [30, 2, 2, 19, 6],
    ];

    [Fact]
    public void The_same_tokens_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        Assert.True(Read(Rows[0]).equal(Read(Rows[0])).all().item<bool>());
    }

    [Fact]
    public void Every_position_has_the_logits_that_it_would_have_as_the_last()
    {
        using var scope = NewDisposeScope();
        using var batch = Model.NewBatch(1, 8);
        var all = batch.Read(new() { TokenIds = Ids(Rows[0]), AllPositions = true });
        Assert.Equal([1, Rows[0].Length, Model.VocabularySize], all.shape);
        for (var end = 1; end <= Rows[0].Length; end++)
            AssertNear(Read(Rows[0][..end]), all[0, end - 1]);
    }

    [Fact]
    public void Tokens_that_are_read_in_parts_give_the_logits_of_the_whole()
    {
        Assert.SkipUnless(Model.ReadsInParts, "the model reads a prompt in one pass");
        using var scope = NewDisposeScope();
        using var batch = Model.NewBatch(1, 2);
        batch.Read(new() { TokenIds = Ids(Rows[0][..3]) });
        batch.Read(new() { TokenIds = Ids(Rows[0][3..4]) });
        AssertNear(Read(Rows[0]), batch.Read(new() { TokenIds = Ids(Rows[0][4..]) })[0]);
        Assert.Equal(Rows[0].Length, batch.Length);
    }

    [Fact]
    public void A_row_in_a_padded_batch_has_the_logits_that_it_has_alone()
    {
        using var scope = NewDisposeScope();
        using var batch = Padded(out var logits);
        for (var row = 0; row < Rows.Count; row++)
            AssertNear(Read(Rows[row]), logits[row]);
    }

    [Fact]
    public void Rows_that_leave_change_nothing_for_those_that_stay()
    {
        using var scope = NewDisposeScope();
        using var batch = Padded(out _);
        batch.Keep([2, 1]);
        Assert.Equal(2, batch.Rows);
        var next = batch.Read(new() { TokenIds = tensor(new long[] { 12, 13 }, [2, 1]) });
        AssertNear(Read([.. Rows[2], 12]), next[0]);
        AssertNear(Read([.. Rows[1], 13]), next[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Keep([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Keep([2]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    public void Rows_that_join_a_batch_that_has_begun_go_on_as_if_they_were_alone(int first, int second)
    {
        Assert.SkipUnless(Model.ReadsInParts, "rows of this model cannot join");
        using var scope = NewDisposeScope();
        using var batch = Begin(Rows[first]);
        batch.Join(Begin(Rows[second]));
        Assert.Equal(2, batch.Rows);
        for (var step = 0; step < 3; step++)
        {
            var next = batch.Read(new() { TokenIds = tensor(new long[] { 20 + step, 30 + step }, [2, 1]) });
            AssertNear(Read([.. Rows[first], .. Enumerable.Range(20, step + 1)]), next[0]);
            AssertNear(Read([.. Rows[second], .. Enumerable.Range(30, step + 1)]), next[1]);
        }
    }

    [Fact]
    public void Long_rows_can_leave_and_short_ones_join_without_an_end_to_the_columns()
    {
        Assert.SkipUnless(Model.ReadsInParts && Model.MaxTokens > 120, "rows of this model cannot join");
        using var scope = NewDisposeScope();
        int[] longest = [.. Enumerable.Range(0, 100).Select(i => 1 + i % 37)];
        using var batch = Begin(longest);
        batch.Join(Begin(Rows[1]));
        batch.Keep([1]);
        batch.Join(Begin(Rows[0]));
        Assert.InRange(batch.Length, Rows[0].Length, longest.Length - 1);
        var next = batch.Read(new() { TokenIds = tensor(new long[] { 8, 9 }, [2, 1]) });
        AssertNear(Read([.. Rows[1], 8]), next[0]);
        AssertNear(Read([.. Rows[0], 9]), next[1]);
    }

    [Fact]
    public void A_batch_joins_neither_itself_nor_another_model_s()
    {
        using var batch = Begin(Rows[0]);
        Assert.Throws<ArgumentException>(() => batch.Join(batch));
        using var other = new UnknownBatch();
        Assert.Throws<ArgumentException>(() => batch.Join(other));
    }

    [Fact]
    public void Batches_of_several_threads_do_not_meet()
    {
        using var scope = NewDisposeScope();
        var alone = Rows.Select(row => Numbers(Read(row))).ToArray();
        Parallel.For(
            0,
            12,
            i =>
            {
                using var inner = NewDisposeScope();
                Assert.Equal(alone[i % alone.Length], Numbers(Read(Rows[i % alone.Length])));
            }
        );
    }

    [Fact]
    public void Reading_leaves_no_tensor()
    {
        void Work()
        {
            using var scope = NewDisposeScope();
            using var batch = Padded(out _);
            batch.Keep([0, 2]);
            if (Model.ReadsInParts)
                batch.Join(Begin(Rows[1]));
            batch.Read(new() { TokenIds = ones([batch.Rows, 1], ScalarType.Int64) });
        }

        Work();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Work();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private IStepBatch Padded(out Tensor logits)
    {
        using var scope = NewDisposeScope();
        using var tokens = TokenBatch.Collate(
            [.. Rows.Select(row => new TokenSequence(row, row.Length))],
            0,
            PaddingSide.Left
        );
        var batch = Model.NewBatch(Rows.Count, 4);
        logits = batch
            .Read(new() { TokenIds = tokens.Ids, RealTokens = tokens.AttentionMask })
            .MoveToOuterDisposeScope();
        return batch;
    }

    private IStepBatch Begin(int[] ids)
    {
        using var scope = NewDisposeScope();
        var batch = Model.NewBatch(1, ids.Length);
        batch.Read(new() { TokenIds = Ids(ids) });
        return batch;
    }

    private Tensor Read(int[] ids)
    {
        using var batch = Model.NewBatch(1, ids.Length);
        return batch.Read(new() { TokenIds = Ids(ids) })[0];
    }

    private static Tensor Ids(int[] ids) => tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length]);

    private static float[] Numbers(Tensor logits) => logits.contiguous().data<float>().ToArray();

    private static void AssertNear(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(
            allclose(actual, expected, rtol: Tolerance, atol: Tolerance),
            $"logits differ by {(actual - expected).abs().max().item<float>()}"
        );
    }

    private sealed class UnknownBatch : IStepBatch
    {
        public int Rows => 1;

        public int Length => 1;

        public Tensor Read(StepInput input) => throw new NotSupportedException();

        public void Keep(ReadOnlySpan<long> rows) => throw new NotSupportedException();

        public void Join(IStepBatch other) => throw new NotSupportedException();

        public void Dispose() { }
    }
}
