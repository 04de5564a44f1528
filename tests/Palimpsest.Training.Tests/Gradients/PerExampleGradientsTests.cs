using Palimpsest.TestKit;

namespace Palimpsest.Training.Tests;

public sealed class PerExampleGradientsTests
{
    [Fact, Trait("Category", "Golden")]
    public async Task A_step_without_noise_equals_that_of_opacus()
    {
        var path = GoldenFolder.TryGet("systems", "dp2unlearning", "reference.safetensors");
        Assert.SkipWhen(path is null, "there is no golden of systems/dp2unlearning");
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(path!);
        using var net = new TinyNet();
        using (no_grad())
        {
            foreach (var (name, value) in net.named_parameters())
                value.copy_(golden.Read($"dpsgd.start.{name}"));
        }

        var options = new PerExampleGradientOptions { NoiseMultiplier = 0, ExpectedRows = 8 };
        // Opacus' plain weight decay on the gradient is the decoupled one for SGD: θ(1 − ηλ) − ηg.
        var rows = Rows(golden.Read("dpsgd.x"), golden.Read("dpsgd.y"));
        await RunAsync(net, rows, options, steps: 1, weightDecay: 0.01);
        foreach (var (name, value) in net.named_parameters())
            Assert.True(allclose(value, golden.Read($"dpsgd.sigma_0.0.after.{name}"), rtol: 1e-5, atol: 1e-6), name);
    }

    [Fact]
    public async Task Without_noise_and_with_a_wide_clip_it_is_plain_descent()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (TinyNet.X(6), TinyNet.Y(6));
        using var plain = new TinyNet();
        using var own = new TinyNet();
        await RunAsync(plain, Rows(x, y), null, steps: 5);
        await RunAsync(
            own,
            Rows(x, y),
            new()
            {
                ClipNorm = 1e9,
                NoiseMultiplier = 0,
                ExpectedRows = 6,
            },
            steps: 5
        );
        foreach (var (expected, actual) in plain.Weights().Zip(own.Weights()))
            Assert.Equal(expected, actual, tolerance: 1e-5f);
    }

    [Fact]
    public async Task A_step_without_examples_is_noise_of_sigma_times_clip_norm_over_the_expected_rows()
    {
        using var scope = NewDisposeScope();
        using var net = new TinyNet();
        var moves = new List<double>();
        var before = net.Weights();
        var options = new PerExampleGradientOptions
        {
            ClipNorm = 2,
            NoiseMultiplier = 3,
            ExpectedRows = 8,
            Seed = 4,
        };
        for (var seed = 0UL; seed < 60; seed++)
        {
            var rows = Rows(TinyNet.X(6), TinyNet.Y(6), empty: 0);
            await RunAsync(net, rows, options with { Seed = seed }, steps: 1);
            var after = net.Weights();
            moves.AddRange(after.Zip(before, (a, b) => (a - b) / 0.05));
            before = after;
        }

        var deviation = Math.Sqrt(moves.Average(move => move * move));
        Assert.Equal(3.0 * 2 / 8, deviation, tolerance: 0.05 * 3 * 2 / 8);
        Assert.InRange(moves.Average(), -0.06, 0.06);
    }

    [Fact]
    public async Task The_noise_of_each_step_differs_and_is_fixed_by_the_seed()
    {
        using var scope = NewDisposeScope();
        async Task<float[]> Run(int steps, ulong seed)
        {
            using var net = new TinyNet();
            await RunAsync(
                net,
                Rows(TinyNet.X(6), TinyNet.Y(6), [.. Enumerable.Range(0, 9)]),
                new() { Seed = seed },
                steps
            );
            return net.Weights();
        }

        using var start = new TinyNet();
        var (none, one, two) = (start.Weights(), await Run(1, 3), await Run(2, 3));
        Assert.Equal(one, await Run(1, 3));
        Assert.NotEqual(one, await Run(1, 5));
        Assert.NotEqual(one[0] - none[0], two[0] - one[0], tolerance: 1e-5f);
    }

    [Fact]
    public async Task One_example_more_moves_the_sum_by_at_most_the_clip_norm()
    {
        using var scope = NewDisposeScope();
        async Task<float[]> Run(int rows)
        {
            using var net = new TinyNet();
            var options = new PerExampleGradientOptions
            {
                ClipNorm = 0.1,
                NoiseMultiplier = 0,
                ExpectedRows = 1,
            };
            await RunAsync(net, Rows(TinyNet.X(6).narrow(0, 0, rows), TinyNet.Y(rows)), options, steps: 1);
            return net.Weights();
        }

        var (five, six) = (await Run(5), await Run(6));
        var moved = Math.Sqrt(five.Zip(six, (a, b) => (double)(a - b) * (a - b)).Sum()) / 0.05;
        Assert.InRange(moved, 0.09, 0.1 * (1 + 1e-3));
    }

    [Fact]
    public void A_step_whose_batches_differ_in_rows_has_no_examples()
    {
        using var scope = NewDisposeScope();
        using var batches = new StepBatches(
            new Dictionary<string, TokenBatch>(),
            new Dictionary<string, Tensor> { ["x"] = zeros(3, 2), ["y"] = zeros(2) }
        );
        Assert.Equal(3, batches.RowCount);
        Assert.Throws<InvalidOperationException>(() => batches.Row(0));
    }

    private static TinyNet.Parts Rows(Tensor x, Tensor y, params int[] empty) => new(x, y, (int)x.shape[0], empty);

    private static async Task RunAsync(
        TinyNet net,
        TinyNet.Parts rows,
        PerExampleGradientOptions? options,
        int steps,
        double weightDecay = 0
    )
    {
        var training = new TrainOptions
        {
            MaxSteps = steps,
            ClipNorm = 0,
            Optimizer = new()
            {
                Kind = OptimizerKind.Sgd,
                LearningRate = 0.05,
                WeightDecay = weightDecay,
            },
        };
        IGradientSource gradients = options is null ? new PlainGradients() : new PerExampleGradients(options);
        await new Trainer(training) { Gradients = gradients }.RunAsync(
            new TrainableModule<TinyNet>(net),
            rows,
            new TinyNet.Loss()
        );
    }
}
