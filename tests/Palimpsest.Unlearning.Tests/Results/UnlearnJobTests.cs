using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

/// <summary>What a job may change, when it stops, and what comes out.</summary>
public sealed class UnlearnJobTests
{
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(32, 16, 2, 2, 1, 32, maxPositions: 16);

    [Fact]
    public async Task Only_the_selected_weights_change_those_fused_with_others_too()
    {
        using var original = new CausalLM(Config, seed: 1);
        var selector = new WeightSelector { Layers = [1], Names = ["v_proj.weight", "down_proj.weight"] };
        var result = await UnlearnerTests
            .Method("ga")
            .RunAsync(UnlearnerTests.Job(original) with { MayChange = selector });
        using var changed = result.Model;
        using var scope = NewDisposeScope();
        var different = original
            .ParameterRefs.Zip(changed.ParameterRefs)
            .Where(pair => pair.First.Value().ne(pair.Second.Value()).any().item<bool>())
            .Select(pair => pair.First.Name);
        Assert.Equal(
            ["model.layers.1.mlp.down_proj.weight", "model.layers.1.self_attn.v_proj.weight"],
            different.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_choice_that_fits_no_weight_is_refused_with_its_words()
    {
        using var original = new CausalLM(Config, seed: 1);
        var job = UnlearnerTests.Job(original) with { MayChange = new WeightSelector { Layers = [7] } };
        Refusal.Of(() => UnlearnerTests.Method("ga").RunAsync(job).GetAwaiter().GetResult(), "layers 7", "2 layers");
        var both = job with { MayChange = new WeightSelector(), Lora = new() };
        Refusal.Of(() => UnlearnerTests.Method("ga").RunAsync(both).GetAwaiter().GetResult(), "MayChange", "Lora");
    }

    [Fact]
    public async Task The_reference_of_the_job_is_what_a_method_compares_with()
    {
        using var original = new CausalLM(Config, seed: 1);
        using var other = new CausalLM(Config, seed: 2);
        var first = new List<double>();
        foreach (var reference in new[] { null, original, other })
        {
            var losses = new List<double>();
            var job = UnlearnerTests.Job(original) with { Reference = reference };
            using var changed = (await UnlearnerTests.Method("npo").RunAsync(job, new Losses(losses))).Model;
            first.Add(losses[0]);
        }

        Assert.Equal(first[0], first[1]);
        Assert.NotEqual(first[0], first[2], tolerance: 1e-3);
    }

    [Fact]
    public async Task A_stop_rule_ends_the_run_at_the_first_step_that_is_asked_for_and_says_why()
    {
        using var original = new CausalLM(Config, seed: 1);
        var start = UnlearnerTests.Job(original);
        double Nll(CausalLM model) =>
            UnlearningObjective.SequenceNll(model, start.Forget, 0, 4, CancellationToken.None).Average();
        var target = Nll(original) + 0.5;
        var job = start with
        {
            StopRules = [new ForgetLossStop(start.Forget, 0, target)],
            StopEvery = 2,
            Training = new()
            {
                MaxSteps = 200,
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };
        var result = await UnlearnerTests.Method("ga").RunAsync(job);
        using var stopped = result.Model;
        Assert.True(result.Training.StoppedEarly);
        Assert.InRange(result.Training.Steps, 2, 198);
        Assert.Equal(0, result.Training.Steps % 2);
        Assert.StartsWith($"step {result.Training.Steps}: ", result.StoppedBecause, StringComparison.Ordinal);
        Assert.True(Nll(stopped) >= target);
        var shorter = job with
        {
            StopRules = [],
            Training = job.Training with { MaxSteps = result.Training.Steps - 2 },
        };
        using var before = (await UnlearnerTests.Method("ga").RunAsync(shorter)).Model;
        Assert.True(Nll(before) < target, $"{Nll(before)} of {target}");
    }

    [Fact]
    public async Task Changed_weights_hold_nothing_and_an_adapter_says_that_its_base_does()
    {
        using var original = new CausalLM(Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        var full = await UnlearnerTests.Method("ga").RunAsync(job);
        using var changed = full.Model;
        Assert.IsType<ChangedWeights>(full);
        Assert.False(full.KnowledgeInStoredWeights);
        Assert.Empty(full.StillHeldBy);
        Assert.Null(full.Adapter);

        var result = await UnlearnerTests.Method("ga").RunAsync(job with { Lora = new() { Rank = 2 } });
        using var adapted = result.Model;
        var onBase = Assert.IsType<AdapterOnBase>(result);
        Assert.True(onBase.KnowledgeInStoredWeights);
        Assert.Contains(onBase.Base, onBase.StillHeldBy[0], StringComparison.Ordinal);
        Assert.Equal(WeightHash.Of(original), onBase.Base);
        onBase.RequireBase(original);
        Refusal.Of(() => onBase.RequireBase(changed), onBase.Base, WeightHash.Of(changed));
    }

    [Fact]
    public async Task A_merged_adapter_is_a_model_of_its_own_with_the_same_outputs()
    {
        using var original = new CausalLM(Config, seed: 1);
        var job = UnlearnerTests.Job(original) with { Lora = new() { Rank = 2 } };
        var result = (AdapterOnBase)await UnlearnerTests.Method("ga").RunAsync(job);
        using var adapted = result.Model;
        using var merged = result.Merged().Model;
        using var scope = NewDisposeScope();
        Tensor Logits(CausalLM model) =>
            model.Forward(new() { TokenIds = tensor(new long[] { 1, 5, 9 }, [1, 3]) }).Logits!;
        Assert.Empty(merged.Attachments);
        Assert.True(allclose(Logits(adapted), Logits(merged), rtol: 1e-4, atol: 1e-5));
        Assert.False(allclose(Logits(original), Logits(merged), rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void One_changed_weight_changes_the_hash_and_a_copy_does_not()
    {
        using var model = new CausalLM(Config, seed: 1);
        using var copy = model.Clone();
        Assert.Equal(WeightHash.Of(model), WeightHash.Of(copy));
        using (no_grad())
            copy.ParameterRefs[^1].Storage.add_(1e-6);
        Assert.NotEqual(WeightHash.Of(model), WeightHash.Of(copy));
    }

    private sealed class Losses(List<double> seen) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => seen.Add(value.Loss);
    }
}
