namespace Palimpsest.Training.Tests;

public sealed class ExtensionTests
{
    [Fact]
    public async Task Masked_weights_stay_bit_identical_over_fifty_steps_with_weight_decay_and_the_others_move()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        var before = net.Weights();
        var masks = net.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().gt(0));
        var free = masks.Values.SelectMany(m => m.data<bool>().ToArray()).ToArray();
        using var mask = new UpdateMask(masks);
        await RunAsync(net, 50, mask);
        var after = net.Weights();
        Assert.Contains(true, free);
        Assert.Contains(false, free);
        for (var i = 0; i < free.Length; i++)
            Assert.Equal(free[i], before[i] != after[i]);
    }

    [Fact]
    public async Task A_mask_that_lets_all_weights_change_is_bit_identical_to_none()
    {
        using var scope = NewDisposeScope();
        using var plain = new TinyNet();
        using var masked = new TinyNet();
        using var mask = new UpdateMask(
            masked.named_parameters().ToDictionary(p => p.name, p => ones_like(p.parameter, ScalarType.Bool))
        );
        await RunAsync(plain, 20);
        await RunAsync(masked, 20, mask);
        Assert.Equal(plain.Weights(), masked.Weights());
    }

    [Fact]
    public async Task A_weight_that_trains_without_a_mask_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        using var mask = new UpdateMask(
            net.named_parameters().Skip(1).ToDictionary(p => p.name, p => ones_like(p.parameter, ScalarType.Bool))
        );
        var error = await Assert.ThrowsAsync<InputException>(() => RunAsync(net, 1, mask));
        Assert.Contains(
            $"'{net.named_parameters().First().name}' trains and has no mask",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_average_is_decay_times_itself_plus_the_rest_of_the_new_weights()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        using var average = new ExponentialMovingAverage(0.75);
        var expected = net.Weights();
        var recorder = new EachStep(() =>
        {
            var now = net.Weights();
            for (var i = 0; i < now.Length; i++)
                expected[i] = 0.75f * expected[i] + 0.25f * now[i];
        });
        await RunAsync(net, 6, recorder, average);
        average.CopyTo(new TrainableModule<TinyNet>(net));
        foreach (var (a, b) in expected.Zip(net.Weights()))
            Assert.Equal(a, b, tolerance: 1e-5f);
    }

    [Fact]
    public async Task Before_a_step_the_gradient_can_be_changed_and_is_told_with_its_scale()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        var before = net.Weights();
        var scales = new List<double>();
        await RunAsync(net, 3, new ZeroGradient(scales));
        Assert.Equal(before, net.Weights());
        Assert.Equal([0.5, 0.5, 0.5], scales);
    }

    private static Task<TrainResult> RunAsync(TinyNet net, int steps, params IReadOnlyList<ITrainExtension> extensions)
    {
        var options = new TrainOptions
        {
            MaxSteps = steps,
            GradientAccumulation = extensions is [ZeroGradient] ? 2 : 1,
            Optimizer = new() { LearningRate = 0.01, WeightDecay = extensions is [ZeroGradient] ? 0 : 0.1 },
        };
        return new Trainer(options, extensions).RunAsync(
            new TrainableModule<TinyNet>(net),
            new TinyNet.Parts(TinyNet.X(12), TinyNet.Y(12), 4),
            new TinyNet.Loss()
        );
    }

    private sealed class EachStep(Action act) : ITrainExtension
    {
        public bool AfterStep(ITrainable model, TrainProgress progress)
        {
            act();
            return false;
        }
    }

    private sealed class ZeroGradient(List<double> scales) : ITrainExtension
    {
        public void BeforeStep(ITrainable model, TrainStep step, double gradientScale)
        {
            scales.Add(gradientScale);
            foreach (var (_, value) in model.TrainableParameters)
                value.grad!.zero_();
        }
    }
}
