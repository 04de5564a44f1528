namespace Palimpsest.Checkpoints.Tests;

public sealed class WeightMergeTests
{
    [Fact]
    public void Linear_is_the_weighted_mean() => AssertMerged([1, 2], new LinearMerge(0.25), [0, 2], [4, 2]);

    [Fact]
    public void Slerp_goes_along_the_arc()
    {
        // A right angle: at a third of it, sin 60° of A and sin 30° of B.
        AssertMerged([0.8660254f, 0.5f], new SlerpMerge(1.0 / 3), [1, 0], [0, 1]);
        AssertMerged([0.7071068f, 0.7071068f], new SlerpMerge(0.5), [1, 0], [0, 1]);

        // The angle is 60° and the lengths differ: sin 30°/sin 60° = 0.5773503 of each.
        AssertMerged([0.5773503f + 0.5773503f, 1], new SlerpMerge(0.5), [1, 0], [1, 1.7320508f]);
    }

    [Fact]
    public void Slerp_between_nearly_parallel_or_zero_weights_is_linear()
    {
        AssertMerged([2, 2.0005f], new SlerpMerge(0.5), [1, 1], [3, 3.001f]);
        AssertMerged([0.5f, 0], new SlerpMerge(0.5), [0, 0], [1, 0]);
        AssertMerged([0, 0], new SlerpMerge(0.5), [1, 2], [-1, -2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Both_ends_are_the_models_themselves_bit_for_bit(int end)
    {
        using var scope = NewDisposeScope();
        Tensor[] weights = [randn(7, generator: new Generator(1, CPU)), randn(7, generator: new Generator(2, CPU))];
        Assert.True(new LinearMerge(end).Merge(weights).eq(weights[end]).all().item<bool>());
        Assert.True(new SlerpMerge(end).Merge(weights).eq(weights[end]).all().item<bool>());
    }

    [Fact]
    public void Task_vectors_are_added_to_the_base_each_with_its_scale()
    {
        AssertMerged([2, 3], new TaskVectorMerge(1), [1, 1], [2, 1], [1, 3]);
        AssertMerged([1.5f, -1], new TaskVectorMerge(0.5, -1), [1, 1], [2, 1], [1, 3]);
    }

    [Fact]
    public void Numbers_outside_their_range_and_wrong_counts_of_models_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearMerge(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlerpMerge(double.NaN));
        Assert.Throws<InputException>(() => new LinearMerge().Check(3));
        Assert.Throws<InputException>(() => new SlerpMerge().Check(1));
        Assert.Throws<InputException>(() => new TaskVectorMerge(1, 2, 3).Check(3));
    }

    private static void AssertMerged(float[] expected, IWeightMerge method, params float[][] weights)
    {
        using var scope = NewDisposeScope();
        var merged = method.Merge([.. weights.Select(w => tensor(w))]).data<float>().ToArray();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], merged[i], 1e-6f);
    }
}
