using System.Globalization;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class WagleTests : IDisposable
{
    private static readonly string Folder = GoldenFolder.Shipped("systems", "wagle");
    private static readonly double[] Shares = [0.05, 0.2, 0.4, 0.8, 0.95, 1.0];
    private readonly CausalLM _model = ModelFolder.Load(Path.Combine(Folder, "model"));
    private readonly SafetensorsFile _golden = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));

    public void Dispose()
    {
        _model.Dispose();
        _golden.Dispose();
    }

    [Fact]
    public void Scores_of_the_sheet_and_their_limits()
    {
        using var scope = NewDisposeScope();
        var (weight, forget, retain) = (tensor([1f, -2f, 0.5f]), tensor([0.1f, 0.2f, -0.4f]), tensor([0f, 1f, 0.1f]));
        AssertNear([0.1f, 0.6f, 0.16f], Wagle.Attribution(weight, forget, retain, 1));
        AssertNear([0.1f, 0.4f, 0.2f], Wagle.Attribution(weight, forget, retain, 1e12));
        AssertNear([0.1f, 0.4f, 0.2f], Wagle.Attribution(weight, forget, zeros(3), 1e-6));
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData("wagle.mu_1e-6", WeightScore.Attribution, 1e-6)]
    [InlineData("wagle.mu_1", WeightScore.Attribution, 1)]
    [InlineData("wagle.mu_30", WeightScore.Attribution, 30)]
    [InlineData("wagle_cl.mu_1", WeightScore.Attribution, 1)]
    [InlineData("gradient", WeightScore.Gradient, 1e-6)]
    [InlineData("weight", WeightScore.Magnitude, 1e-6)]
    [InlineData("snip", WeightScore.Saliency, 1e-6)]
    public void Scores_and_masks_are_those_of_the_authors_code(string name, WeightScore score, double curvature)
    {
        using var scope = NewDisposeScope();
        var onAlternates = name.StartsWith("wagle_cl", StringComparison.Ordinal);
        var options = new WagleOptions
        {
            Score = score,
            Curvature = curvature,
            SumsGradients = score == WeightScore.Attribution,
            OnAlternates = onAlternates,
        };
        foreach (var parameter in _model.parameters())
            parameter.requires_grad_(true);
        var scores = Flat(new Wagle(options).Scores(_model, Batches(onAlternates), CancellationToken.None));
        var expected = -_golden.Read($"{name}.minus_score");
        if (name is "gradient" or "snip")
            expected /= 3; // means of three batches where the authors add up
        Assert.True((scores - expected).norm().item<float>() <= 1e-4 * expected.norm().item<float>(), "scores");
        foreach (var share in name == "snip" ? [] : Shares)
        {
            var chosen = new Wagle(options with { Share = share }).Masks(_model, Batches(onAlternates), default);
            var mask = Flat([.. _model.ParameterRefs.Select(weight => (weight.Name, chosen[weight.Name]))]);
            var reference = _golden.Read($"{name}.mask_{share.ToString("0.0#", CultureInfo.InvariantCulture)}");
            Assert.Equal((long)(share * scores.numel()), mask.sum().item<long>());
            // Near the least score that is kept, rounding and the authors' order of ties decide.
            var least = expected.masked_select(reference.to(ScalarType.Bool)).min();
            var clear = (expected - least).abs() > 1e-3 * least + 1e-9;
            Assert.True(
                mask.to(ScalarType.Byte).masked_select(clear).equal(reference.masked_select(clear)).all().item<bool>(),
                $"mask of {share}"
            );
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public void As_many_of_the_largest_are_kept_as_asked_and_of_equal_ones_the_first(int count)
    {
        using var scope = NewDisposeScope();
        float[] first = [0, 3, 1e-20f, 3, 7, 3.0000002f],
            second = [3, 0, 1e30f];
        var masks = LargestScores.Keep([("a", tensor(first)), ("b", tensor(second))], count);
        int[] order = [8, 4, 5, 1, 3, 6, 2, 0, 7];
        bool[] kept = [.. masks["a"].data<bool>(), .. masks["b"].data<bool>()];
        Assert.Equal(order.Take(count).Order(), Enumerable.Range(0, 9).Where(i => kept[i]));
    }

    [Theory]
    [InlineData("graddiff")]
    [InlineData("npo-rt")]
    [InlineData("idk")]
    [InlineData("pdu")]
    public async Task Values_that_are_not_chosen_are_bit_identical_after_the_run_and_chosen_ones_move(string method)
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var options = new WagleOptions { Method = method, Share = 0.3 };
        var job = UnlearnerTests.Job(original) with
        {
            Training = new()
            {
                MaxSteps = 50,
                Optimizer = new() { LearningRate = 1e-3, WeightDecay = 0.1 },
            },
        };
        var result = await new WagleMethod(options).RunAsync(job);
        using var changed = Assert.IsType<ChangedWeights>(result).Model;
        using var mask = new MaskAtHand(new Wagle(options).Mask(job, CancellationToken.None));
        var weights = original.ParameterRefs.Zip(changed.ParameterRefs).ToArray();
        var (moved, kept) = (0L, 0L);
        using var scope = NewDisposeScope();
        foreach (var (before, after) in weights)
        {
            var free = mask.Free(after);
            var same = before.Value().eq(after.Value());
            Assert.True(same.logical_or(free).all().item<bool>(), $"{before.Name} moved where it may not");
            moved += same.logical_not().sum().item<long>();
            kept += free.sum().item<long>();
        }

        Assert.True(moved > kept * 0.9, $"{moved} of {kept} moved");
    }

    [Fact]
    public async Task With_every_weight_free_the_run_is_the_methods_own_bit_for_bit()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        using var plain = (await UnlearnerTests.Method("graddiff").RunAsync(job)).Model;
        using var masked = (await new WagleMethod(new() { Share = 1 }).RunAsync(job)).Model;
        Assert.Equal(WeightHash.Of(plain), WeightHash.Of(masked));
        using var narrow = (await new WagleMethod(new() { Share = 0.5 }).RunAsync(job)).Model;
        Assert.NotEqual(WeightHash.Of(plain), WeightHash.Of(narrow));
    }

    [Fact]
    public void Another_forget_set_gives_another_mask_and_no_tensor_is_left_over()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        var wagle = new Wagle(new() { Share = 0.2 });
        string Mask(UnlearnJob of)
        {
            using var mask = wagle.Mask(of, CancellationToken.None);
            return mask.Fingerprint;
        }

        var first = Mask(job);
        var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Equal(first, Mask(job));
        Assert.NotEqual(first, Mask(job with { Forget = UnlearnerTests.Rows(6, first: 17) }));
        Assert.Equal(live, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Null(original.parameters().First().grad);
    }

    [Fact]
    public async Task What_it_cannot_use_is_refused_in_one_line()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        foreach (var method in new[] { "uld", "loku", "dp2unlearning", "wagle" })
            Refusal.Of(() => New(new() { Method = method }), $"wagle: Method is '{method}'");
        Refusal.Of(() => New(new() { Method = "nop" }), "Unknown method 'nop'");
        Refusal.Of(() => new Wagle(new()).Mask(job with { Retain = [] }, default), "there is no retain row");
        Refusal.Of(
            () => new Wagle(new() { OnAlternates = true }).Mask(job with { Alternates = [] }, default),
            "another answer to each forget row"
        );
        Refusal.Of(
            () => new Wagle(new() { Score = WeightScore.Gradient, Curvature = 2 }).Mask(job, default),
            "Curvature has no effect"
        );
        var seed = await Assert.ThrowsAsync<InputException>(() => New(new() { ScoreSeed = 4 }).RunAsync(job));
        Assert.Contains("ScoreSeed has no effect", seed.Message, StringComparison.Ordinal);
        var adapter = await Assert.ThrowsAsync<InputException>(() =>
            new WagleMethod(new()).RunAsync(job with { Lora = new() { Rank = 2 } })
        );
        Assert.Contains("Lora and MayChange", adapter.Message, StringComparison.Ordinal);
        using (no_grad())
            original.ParameterRefs[0].Storage.fill_(float.NaN);
        Refusal.Of(() => new Wagle(new()).Mask(job, default), "is not finite");
    }

    private static WagleMethod New(WagleOptions options) => new(options);

    private IEnumerable<StepBatches> Batches(bool onAlternates)
    {
        for (var step = 0; step < 3; step++)
        {
            var batches = new Dictionary<string, TokenBatch>
            {
                [StepBatches.Forget] = Batch($"step{step}.forget", "labels", refused: false),
                [StepBatches.Retain] = Batch($"step{step}.retain", "labels", refused: false),
            };
            if (onAlternates)
                batches[StepBatches.Alternate] = Batch($"step{step}.forget", "refusal_labels", refused: true);
            yield return new(batches);
        }
    }

    private TokenBatch Batch(string rows, string labels, bool refused)
    {
        var (ids, answer) = (_golden.Read($"{rows}.input_ids"), _golden.Read($"{rows}.{labels}"));
        // The authors write the refusal over the true answer, from position 4 on, and fill up with id 0.
        if (refused)
            ids.narrow(1, 4, ids.shape[1] - 4).copy_(answer.narrow(1, 4, ids.shape[1] - 4).clamp_min(0));
        return new(ids, _golden.Read($"{rows}.attention_mask").to(ScalarType.Bool), answer.ne(-100), [0]);
    }

    private static Tensor Flat(IReadOnlyList<(string Name, Tensor Value)> weights)
    {
        var order = System
            .Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "reference.json")))
            .RootElement.GetProperty("parameter_order")
            .EnumerateArray()
            .Select(name => name.GetString()!)
            .ToArray();
        var byName = weights.ToDictionary(weight => weight.Name, weight => weight.Value);
        return cat([.. order.Select(name => byName[name].reshape(-1))]);
    }

    private static void AssertNear(float[] expected, Tensor actual) =>
        Assert.Equal(expected, actual.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);

    /// <summary>Where a mask lets an update through.</summary>
    private sealed class MaskAtHand(UpdateMask mask) : IDisposable
    {
        public Tensor Free(ParameterRef weight)
        {
            var update = ones(weight.Value().shape);
            mask.OnUpdate(weight, update, default);
            return update.ne(0);
        }

        public void Dispose() => mask.Dispose();
    }
}
