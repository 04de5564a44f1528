using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class ForgetBatchSourceTests : IDisposable
{
    private readonly CausalLM _model = new(DecoderConfig.TinyLlama(32, 16, 1, 2, 1, 32, maxPositions: 16), seed: 1);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_batch_is_a_function_of_seed_and_index_in_whatever_order_it_is_asked_for()
    {
        var (forward, backward) = (Source(), Source());
        var first = Enumerable.Range(0, 7).Select(i => Rows(forward, i)).ToArray();
        var second = Enumerable.Range(0, 7).Reverse().Select(i => Rows(backward, i)).Reverse().ToArray();
        Assert.Equal(first, second);
    }

    [Fact]
    public void Every_forget_row_has_one_retain_row_and_one_other_answer_beside_it_in_a_short_last_batch_too()
    {
        var source = Source();
        Assert.Equal(2, source.BatchesPerEpoch);
        foreach (var (index, rows) in new[] { (0, 4), (1, 2), (2, 4), (3, 2) })
        {
            using var batches = source.Batch(index);
            Assert.Equal(rows, batches[StepBatches.Forget].Rows.Count);
            Assert.Equal(rows, batches[StepBatches.Retain].Rows.Count);
            Assert.Equal(batches[StepBatches.Forget].Rows, batches[StepBatches.Alternate].Rows.Select(row => row / 2));
        }
    }

    [Fact]
    public void An_epoch_has_every_forget_row_once_and_retain_rows_come_again_only_after_all_were_read()
    {
        var source = Source();
        int[] Read(string name, int batches) =>
            [
                .. Enumerable
                    .Range(0, batches)
                    .SelectMany(i =>
                    {
                        using var batch = source.Batch(i);
                        return batch[name].Rows;
                    }),
            ];
        Assert.Equal(Enumerable.Range(0, 6), Read(StepBatches.Forget, 2).Order());
        Assert.Equal(Enumerable.Range(0, 7), Read(StepBatches.Retain, 4).Take(7).Order());
    }

    [Fact]
    public void What_a_method_does_not_read_is_not_made()
    {
        using var batches = new ForgetBatchSource(
            UnlearnerTests.Job(_model),
            readsRetain: false,
            readsAlternates: false
        ).Batch(0);
        Assert.Null(batches.Find(StepBatches.Retain));
        Assert.Null(batches.Find(StepBatches.Alternate));
    }

    private ForgetBatchSource Source() =>
        new(UnlearnerTests.Job(_model, seed: 9), readsRetain: true, readsAlternates: true);

    private static string Rows(ForgetBatchSource source, int index)
    {
        using var batches = source.Batch(index);
        return string.Join(
            '|',
            new[] { StepBatches.Forget, StepBatches.Retain, StepBatches.Alternate }.Select(name =>
                string.Join(',', batches[name].Rows)
            )
        );
    }
}
