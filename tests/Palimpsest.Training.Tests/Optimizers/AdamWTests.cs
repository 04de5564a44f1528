using TorchSharp.Modules;

namespace Palimpsest.Training.Tests;

public sealed class AdamWTests
{
    [Theory]
    [InlineData(1003)]
    [InlineData(70_001)]
    public void Ten_steps_equal_those_of_the_reference_optimiser(int size)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        var start = randn([size], generator: random);
        var (own, reference) = (new Parameter(start.clone()), new Parameter(start.clone()));
        using var optimizer = OptimizerFactory.Create(new() { WeightDecay = 0.1, LearningRate = 0.01 }, [("p", own)]);
        var other = optim.AdamW([reference], 0.01, 0.9, 0.999, 1e-8, 0.1);
        for (var step = 0; step < 10; step++)
        {
            var gradient = randn([size], generator: random);
            own.grad = gradient.clone();
            reference.grad = gradient.clone();
            optimizer.Step(0.01, 1);
            other.step();
        }

        AssertWithinRounding(own, reference, steps: 10);
    }

    [Fact]
    public void The_masked_path_equals_the_fused_one()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        var start = randn([501], generator: random);
        var (fused, masked) = (new Parameter(start.clone()), new Parameter(start.clone()));
        using var first = OptimizerFactory.Create(new() { WeightDecay = 0.1 }, [("p", fused)]);
        using var second = OptimizerFactory.Create(new() { WeightDecay = 0.1 }, [("p", masked)]);
        second.UpdateMasks = [_ => { }];
        for (var step = 0; step < 5; step++)
        {
            var gradient = randn([501], generator: random);
            fused.grad = gradient.clone();
            masked.grad = gradient.clone();
            first.Step(0.01, 0.5);
            second.Step(0.01, 0.5);
        }

        AssertWithinRounding(fused, masked, steps: 5);
    }

    // Each step rounds a parameter twice, after decay and after the update: 2⁻²⁴ of its size each time, on either side.
    private static void AssertWithinRounding(Tensor actual, Tensor expected, int steps)
    {
        var error = (actual - expected).abs() / expected.abs().clamp(min: 1);
        Assert.True(error.max().item<float>() <= 4 * steps * Math.Pow(2, -24), $"{error.max().item<float>():g3}");
    }
}
