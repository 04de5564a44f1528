namespace Palimpsest.Unlearning.Tests;

public sealed class WhpTests
{
    [Fact]
    public void One_token_a_label_is_the_mean_cross_entropy_over_the_batch()
    {
        // p = softmax([0, ln 2, ln 1]) = [1/4, 1/2, 1/4] everywhere; labels 1, 1 | 0.
        var labels = new GenericLabels([new([0, 1], [1, 1], [1, 1]), new([1], [0], [1])], 1);
        Assert.Equal((2 * Math.Log(2) + Math.Log(4)) / 3, Loss(labels, [0, 1]), 1e-6);
        Assert.Equal(Math.Log(4), Loss(labels, [1]), 1e-6);
    }

    [Fact]
    public void Shares_are_a_divergence_averaged_over_each_row_and_then_over_rows()
    {
        // KL([1/2, 1/2] on ids 1, 0 || p) = ln(1/2) - (ln(1/2) + ln(1/4)) / 2 = ln(2) / 2.
        var half = new float[] { 0.5f, 0.5f };
        var labels = new GenericLabels([new([0, 1], [1, 0, 1, 0], [.. half, 1, 0]), new([1], [1, 0], half)], 2);
        var (divergence, sure) = (Math.Log(2) / 2, Math.Log(2));
        Assert.Equal(((divergence + sure) / 2 + divergence) / 2, Loss(labels, [0, 1]), 1e-6);
    }

    [Fact]
    public void The_gradient_is_that_of_the_labelled_positions_alone_and_no_tensor_is_left()
    {
        var labels = new GenericLabels([new([1], [2], [1])], 1);
        using var scope = NewDisposeScope();
        var logits = randn([1, 4, 3], requires_grad: true, generator: new Generator(1, CPU));
        var scored = Scored(logits, [0]);
        var before = scope.DisposablesCount;
        var loss = new Whp(labels).Loss(new(scored));
        Assert.Equal(before + 1, scope.DisposablesCount);
        loss.backward();
        var expected = logits.detach()[0, 1].softmax(-1);
        expected[2] -= 1;
        Assert.True(allclose(expected, logits.grad![0, 1], rtol: 1e-5, atol: 1e-6));
        Assert.Equal(0, logits.grad!.index_select(1, tensor(new long[] { 0, 2, 3 })).abs().sum().item<float>());
    }

    private static double Loss(GenericLabels labels, int[] rows)
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[] { 0, MathF.Log(2), 0 }).expand(rows.Length, 4, 3);
        return new Whp(labels).Loss(new(Scored(logits, rows))).item<float>();
    }

    private static ScoredBatch Scored(Tensor logits, int[] rows)
    {
        var mask = ones([rows.Length, 4], ScalarType.Bool);
        return new(new(zeros([rows.Length, 4], ScalarType.Int64), mask, mask, rows), zeros([rows.Length, 4]))
        {
            Logits = logits,
        };
    }
}
