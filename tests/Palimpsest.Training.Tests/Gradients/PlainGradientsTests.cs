namespace Palimpsest.Training.Tests;

public sealed class PlainGradientsTests
{
    private const double Rate = 0.5;

    [Fact]
    public async Task A_step_goes_along_the_mean_over_the_micro_batches()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (TinyNet.X(12), TinyNet.Y(12));
        var expected = Stepped(x, y, scale: 1);
        using var net = new TinyNet();
        await RunAsync(net, new TinyNet.Parts(x, y, 4), accumulation: 3, clipNorm: 0);
        AssertNear(expected, net.Weights());
    }

    [Fact]
    public async Task A_micro_batch_without_rows_counts_as_a_gradient_of_zero()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (TinyNet.X(12), TinyNet.Y(12));
        var expected = Stepped(x.narrow(0, 4, 8), y.narrow(0, 4, 8), scale: 2.0 / 3);
        using var net = new TinyNet();
        var loss = await RunAsync(net, new TinyNet.Parts(x, y, 4, empty: 0), accumulation: 3, clipNorm: 0);
        AssertNear(expected, net.Weights());
        using var start = new TinyNet();
        Assert.Equal(Loss(start, x.narrow(0, 4, 8), y.narrow(0, 4, 8)).item<float>(), loss, tolerance: 1e-5);
    }

    [Fact]
    public async Task A_step_without_any_row_moves_nothing_and_has_no_loss()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        var before = net.Weights();
        var loss = await RunAsync(net, new TinyNet.Parts(TinyNet.X(4), TinyNet.Y(4), 4, empty: 0), 1, clipNorm: 1);
        Assert.Equal(before, net.Weights());
        Assert.True(double.IsNaN(loss));
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(2.0)]
    public async Task A_gradient_above_the_largest_norm_is_cut_to_it_and_one_below_is_left_alone(double share)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (TinyNet.X(12), TinyNet.Y(12));
        using var probe = new TinyNet();
        Loss(probe, x, y).backward();
        var norm = GradientNorm.Of([.. probe.parameters()]);
        using var net = new TinyNet();
        await RunAsync(net, new TinyNet.Parts(x, y, 12), accumulation: 1, clipNorm: share * norm);
        AssertNear(Stepped(x, y, scale: Math.Min(1, share)), net.Weights());
    }

    /// <summary>The weights after one plain step on all rows, the gradient multiplied.</summary>
    private static float[] Stepped(Tensor x, Tensor y, double scale)
    {
        using var net = new TinyNet();
        Loss(net, x, y).backward();
        using (no_grad())
        {
            foreach (var parameter in net.parameters())
                parameter.add_(parameter.grad!, alpha: -Rate * scale);
        }

        return net.Weights();
    }

    private static Tensor Loss(TinyNet net, Tensor x, Tensor y) => nn.functional.cross_entropy(net.Forward(x), y);

    private static async Task<double> RunAsync(TinyNet net, IBatchSource data, int accumulation, double clipNorm)
    {
        var options = new TrainOptions
        {
            MaxSteps = 1,
            GradientAccumulation = accumulation,
            ClipNorm = clipNorm,
            Optimizer = new()
            {
                Kind = OptimizerKind.Sgd,
                LearningRate = Rate,
                WeightDecay = 0,
            },
        };
        var model = new TrainableModule<TinyNet>(net);
        return (await new Trainer(options).RunAsync(model, data, new TinyNet.Loss())).FinalLoss;
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance: 2e-5f);
    }
}
