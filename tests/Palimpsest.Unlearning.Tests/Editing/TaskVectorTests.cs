using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class TaskVectorTests
{
    [Fact]
    public async Task Scale_0_changes_no_bit_and_scale_minus_1_gives_the_model_that_was_taught()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        using var same = await RunAsync(job, 0);
        Assert.Equal(WeightHash.Of(original), WeightHash.Of(same));
        using var taught = original.Clone();
        foreach (var parameter in taught.parameters())
            parameter.requires_grad_(true);
        var rows = new SequenceBatchSource(job.Forget, job.BatchSize, job.PadId, job.Training.Seed);
        await new Trainer(job.Training).RunAsync(taught, rows, new NextTokenLoss());
        using var towards = await RunAsync(job, -1);
        AssertMoved(towards, 1);
        // Away from it by as much as it went, and by four times as much.
        using var away = await RunAsync(job, 1);
        AssertMoved(away, -1);
        using var far = await RunAsync(job, 4);
        AssertMoved(far, -4);
        Assert.NotEqual(WeightHash.Of(original), WeightHash.Of(taught));

        void AssertMoved(CausalLM made, double factor)
        {
            using var grad = no_grad();
            foreach (var (start, end, changed) in original.parameters().Zip(taught.parameters(), made.parameters()))
            {
                using var scope = NewDisposeScope();
                var expected = start + (end - start) * factor;
                Assert.True(allclose(expected, changed, rtol: 0, atol: 1e-6), $"factor {factor}");
            }
        }
    }

    [Fact]
    public async Task What_was_known_becomes_less_likely_than_before()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        using var away = await RunAsync(job, 5);
        double Nll(CausalLM model) =>
            UnlearningObjective.SequenceNll(model, job.Forget, 0, 4, CancellationToken.None).Average();
        Assert.True(Nll(away) > Nll(original), $"{Nll(original)} to {Nll(away)}");
    }

    [Fact]
    public async Task Weights_that_may_not_change_stay()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original) with { MayChange = new WeightSelector { Layers = [1] } };
        using var changed = await RunAsync(job, 5);
        using var scope = NewDisposeScope();
        foreach (var (before, after) in original.ParameterRefs.Zip(changed.ParameterRefs))
            Assert.Equal(before.Layer != 1, before.Value().equal(after.Value()).all().item<bool>());
    }

    [Fact]
    public async Task What_has_no_effect_is_refused_and_so_are_weights_that_are_not_finite()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        async Task<string> Refusal(UnlearnJob of, double scale = 5) =>
            (await Assert.ThrowsAsync<InputException>(() => RunAsync(of, scale))).Message;
        Assert.Contains("Lora and Reference", await Refusal(job with { Lora = new() { Rank = 2 } }), Ordinal);
        Assert.Contains("Lora and Reference", await Refusal(job with { Reference = original }), Ordinal);
        Assert.Contains("takes no stop rules", await Refusal(job with { StopRules = [new Never()] }), Ordinal);
        var far = job with
        {
            Training = new()
            {
                MaxSteps = 1,
                ClipNorm = 0,
                Optimizer = new() { LearningRate = 1, WeightDecay = 1 },
            },
        };
        using (no_grad())
            original.ParameterRefs[0].Storage.fill_(1e36f);
        Assert.Contains("weights are not finite at scale 1000", await Refusal(far, 1000), Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static async Task<CausalLM> RunAsync(UnlearnJob job, double scale) =>
        Assert.IsType<ChangedWeights>(await new TaskVector(new() { Scale = scale }).RunAsync(job)).Model;

    private sealed class Never : IStopRule
    {
        public string? Check(CausalLM model, TrainProgress progress) => null;
    }
}
