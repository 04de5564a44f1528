using Palimpsest.Models;
using Palimpsest.Training;

namespace Palimpsest.Reproductions.Tests;

public sealed class HeadLossTests : IDisposable
{
    private readonly CausalLM _model = new(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
    private readonly TokenBatch _batch = TokenBatch.Collate(
        [new([1, 5, 9, 33, 2], 2), new([1, 7, 8], 1), new([1, 39, 0, 12], 1)],
        0
    );

    public void Dispose()
    {
        _batch.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Every_order_of_the_sums_and_the_tiles_give_the_loss_and_the_gradients_up_to_rounding()
    {
        var (loss, gradients) = Of(HeadLoss.Dense(SumOrder.AsGiven));
        HeadLoss[] equal =
        [
            HeadLoss.Dense(SumOrder.RowsReversed),
            HeadLoss.Dense(SumOrder.VocabularyReversed),
            HeadLoss.Tiled(new() { RowTile = 4, VocabularyTile = 16 }),
        ];
        foreach (var other in equal)
        {
            var (otherLoss, otherGradients) = Of(other);
            Assert.Equal(loss, otherLoss, 1e-5);
            Assert.All(gradients.Zip(otherGradients), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void Logits_in_bfloat16_give_another_loss() =>
        Assert.InRange(
            Math.Abs(Of(HeadLoss.Dense(SumOrder.AsGiven)).Loss - Of(HeadLoss.RoundedLogits()).Loss),
            1e-6,
            0.05
        );

    [Fact]
    public void An_error_is_that_of_rounding_for_tiles_and_a_thousand_times_it_for_bfloat16()
    {
        var dense = HeadLoss.Dense(SumOrder.AsGiven).ErrorsOf(_model, _batch);
        var tiled = HeadLoss.Tiled(new() { RowTile = 4, VocabularyTile = 16 }).ErrorsOf(_model, _batch);
        var rounded = HeadLoss.RoundedLogits().ErrorsOf(_model, _batch);
        Assert.InRange(dense.Hidden, 1e-9, 1e-6);
        Assert.InRange(tiled.Hidden, 1e-9, 1e-6);
        Assert.InRange(tiled.Head, 1e-9, 1e-6);
        Assert.InRange(rounded.Hidden, 1e-4, 1e-1);
        Assert.InRange(rounded.Head, 1e-4, 1e-1);
    }

    private (double Loss, double[] Gradients) Of(HeadLoss objective)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in _model.parameters())
            parameter.requires_grad_(true);
        _model.zero_grad();
        var batches = new StepBatches(new Dictionary<string, TokenBatch> { [StepBatches.Train] = _batch });
        var loss = objective.Loss(_model, batches, default!);
        loss.backward();
        double[] norms = [.. _model.parameters().Select(p => (double)(p.grad?.norm().item<float>() ?? 0))];
        return (loss.item<float>(), norms);
    }
}
