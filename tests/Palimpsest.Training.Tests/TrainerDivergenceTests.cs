using Palimpsest.TestKit;

namespace Palimpsest.Training.Tests;

/// <summary>A run that diverges says where, spoils no weight that it need not, and keeps the last good
/// checkpoint.</summary>
public sealed class TrainerDivergenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLM _model = new(DecoderConfig.TinyLlama(50, 16, 1, 2, 1, 32), 5);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Weights_that_are_not_finite_are_never_written_as_a_checkpoint()
    {
        var error = await RefusedAsync(new Spoils(afterStep: 4), clipNorm: 1);
        var last = Path.Combine(_folder.Path, "checkpoints", "step-00000002");
        Assert.Equal(
            "Step 3: the step leaves weights that are not finite; a smaller learning rate than 0.01 may help. The last "
                + $"good checkpoint is {last}.",
            error
        );
        Assert.Equal([last], Directory.GetDirectories(_folder.File("checkpoints")));
    }

    [Fact]
    public async Task A_gradient_that_is_not_finite_ends_the_run_before_a_weight_changes()
    {
        var spoils = new SpoilsGradient(atStep: 3);
        var error = await RefusedAsync(spoils, clipNorm: 1);
        Assert.StartsWith("Step 3: the gradient's norm is ", error, StringComparison.Ordinal);
        Assert.All(_model.ParameterRefs, weight => Assert.True(weight.Storage.isfinite().all().item<bool>()));
        Assert.Equal(spoils.Weights, Weights(_model));
    }

    [Fact]
    public async Task Without_clipping_the_loss_after_it_ends_the_run()
    {
        var error = await RefusedAsync(new SpoilsGradient(atStep: 2), clipNorm: 0);
        Assert.StartsWith("Step 3: the loss is NaN;", error, StringComparison.Ordinal);
        Assert.Contains("step-00000002", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_run_folder_no_checkpoint_is_named()
    {
        var error = await RefusedAsync(new SpoilsGradient(atStep: 1), clipNorm: 1, runFolder: false);
        Assert.EndsWith("may help.", error, StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(ITrainExtension extension, double clipNorm, bool runFolder = true)
    {
        var options = new TrainOptions
        {
            MaxSteps = 8,
            ClipNorm = clipNorm,
            Optimizer = new() { LearningRate = 0.01 },
            RunFolder = runFolder ? _folder.Path : null,
            CheckpointEvery = 2,
        };
        TokenSequence[] rows = [new([1, 5, 6, 7, 2], 1), new([1, 8, 9, 3, 2], 1, 1)];
        var source = new SequenceBatchSource(rows, 2, 0, 3);
        var error = await Assert.ThrowsAsync<InputException>(() =>
            new Trainer(options, extension).RunAsync(_model, source, new NextTokenLoss())
        );
        return error.Message;
    }

    private static float[] Weights(CausalLM model)
    {
        using var scope = NewDisposeScope();
        return [.. model.TrainableParameters.SelectMany(p => p.Value.detach().data<float>().ToArray())];
    }

    private sealed class Spoils(int afterStep) : ITrainExtension
    {
        public bool AfterStep(ITrainable model, TrainProgress progress)
        {
            using var grad = no_grad();
            if (progress.Step == afterStep)
                model.TrainableParameters[0].Value.fill_(float.PositiveInfinity);
            return false;
        }
    }

    private sealed class SpoilsGradient(int atStep) : ITrainExtension
    {
        public float[] Weights { get; private set; } = [];

        public void BeforeStep(ITrainable model, TrainStep step, double gradientScale)
        {
            if (step.Step != atStep)
                return;
            Weights = TrainerDivergenceTests.Weights((CausalLM)model);
            model.TrainableParameters[0].Value.grad!.fill_(float.NaN);
        }
    }
}
