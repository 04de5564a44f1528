using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class FilaInitializerTests : IDisposable
{
    private static readonly string Folder = GoldenFolder.Shipped("systems", "loku");
    private readonly CausalLM _model = ModelFolder.Load(Path.Combine(Folder, "model"));
    private readonly SafetensorsFile _golden = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));
    private readonly LoraOptions _options = new() { Rank = 4, Alpha = 6 };

    public void Dispose()
    {
        _model.Dispose();
        _golden.Dispose();
    }

    [Fact, Trait("Category", "Golden")]
    public void Importance_over_three_batches_is_that_of_the_authors_code()
    {
        using var scope = NewDisposeScope();
        using var forget = new FisherImportance();
        foreach (var parameter in _model.parameters())
            parameter.requires_grad_(true);
        ParameterRef[] weights =
        [
            .. _model.ParameterRefs.Where(w => w.Name.EndsWith("proj.weight", StringComparison.Ordinal)),
        ];
        for (var step = 0; step < 3; step++)
            forget.Add(_model, Batch(step, "forget"), weights);
        Assert.Equal(72, forget.Tokens);
        Assert.Equal(14, weights.Length);
        foreach (var weight in weights)
            AssertNear(_golden.Read($"importance.sum_f.{weight.Name}"), forget.Sum(weight.Name), 1e-3, weight.Name);
        Assert.All(_model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact, Trait("Category", "Golden")]
    public void The_start_and_what_is_left_of_the_base_are_those_of_the_authors_code()
    {
        using var scope = NewDisposeScope();
        using var start = Measure();
        using var adapter = LoraAdapter.Attach(_model, "fila", _options, seed: 1, start);
        var factors = adapter.ParameterRefs.ToDictionary(p => p.Name, p => p.Storage);
        foreach (var target in _model.Projections.Where(p => p.Layer is not null))
        {
            var name = $"base_model.model.{target.Path}";
            var update = mm(factors[$"{name}.lora_B.weight"], factors[$"{name}.lora_A.weight"]) * 1.5;
            AssertNear(_golden.Read($"fila.{target.Path}.sBA"), update, 1e-3, target.Path);
            AssertNear(_golden.Read($"fila.{target.Path}.W_res"), target.Weight(), 1e-3, target.Path);
        }

        Assert.True(adapter.ChangesBase);
        var logits = _model.Forward(new() { TokenIds = _golden.Read("fila.probe_ids") }).Logits!;
        Assert.True(allclose(_golden.Read("fila.logits_original"), logits, rtol: 1e-4, atol: 1e-4), "output changed");
    }

    [Fact]
    public void Weighted_by_its_rows_less_is_left_over_than_by_a_plain_decomposition()
    {
        using var scope = NewDisposeScope();
        using var start = Measure();
        using var equal = FilaInitializer.Of(
            _model
                .Projections.Where(p => p.Layer is not null)
                .ToDictionary(p => $"{p.Path}.weight", p => ones(p.RowCount))
        );
        foreach (var target in _model.Projections.Where(p => p.Layer is not null))
        {
            var rows = start.Rows($"{target.Path}.weight").unsqueeze(1);
            double Left(FilaInitializer initializer)
            {
                var (down, up) = initializer.Start(target, 4, 1.5, new(1));
                return (rows * (target.Weight() - mm(up, down) * 1.5)).norm().item<float>();
            }

            Assert.True(Left(start) <= Left(equal) * 1.0001, $"{target.Path}: {Left(start)} of {Left(equal)}");
            var (left, values, right) = linalg.svd(target.Weight(), fullMatrices: false);
            var best = mm(left.narrow(1, 0, 4) * values.narrow(0, 0, 4), right.narrow(0, 0, 4));
            var (plainDown, plainUp) = equal.Start(target, 4, 1.5, new(1));
            AssertNear(best, mm(plainUp, plainDown) * 1.5, 1e-3, target.Path);
        }
    }

    [Fact]
    public void What_no_row_needs_is_refused_or_starts_finite()
    {
        using var scope = NewDisposeScope();
        var target = _model.Projections.First(p => p.Layer is not null);
        using var none = FilaInitializer.Of(new() { [$"{target.Path}.weight"] = full(target.RowCount, 1e-5f) });
        var (down, up) = none.Start(target, 2, 2, new(1));
        Assert.True(down.isfinite().all().item<bool>() && up.isfinite().all().item<bool>());
        Refusal.Of(() => none.Start(_model.Projections.First(p => p.Layer is null), 2, 2, new(1)), "lm_head");
    }

    [Fact]
    public async Task The_adapter_of_loku_keeps_the_output_at_first_and_its_base_differs_from_the_original()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(original);
        var losses = new List<double>();
        var result = await UnlearnerTests.Method("loku").RunAsync(job, new Losses(losses));
        using var model = result.Model;
        var plain = new List<double>();
        var hinge = await UnlearnerTests
            .Method("ihl")
            .RunAsync(
                job with
                {
                    Lora = new() { Rank = 8, Alpha = 16 },
                },
                new Losses(plain)
            );
        using var other = hinge.Model;
        Assert.Equal(plain[0], losses[0], 1e-4);
        Assert.NotEqual(plain[^1], losses[^1], 1e-6);
        var adapted = Assert.IsType<AdapterOnBase>(result);
        Assert.NotEqual(WeightHash.Of(original), adapted.Base);
        Refusal.Of(() => adapted.RequireBase(original), adapted.Base);
        Assert.Contains("changed base", Assert.Single(adapted.StillHeldBy), StringComparison.Ordinal);
    }

    private FilaInitializer Measure() =>
        FilaInitializer.Measure(
            _model,
            Enumerable
                .Range(0, 3)
                .Select(step => new StepBatches(
                    new Dictionary<string, TokenBatch>
                    {
                        [StepBatches.Forget] = Batch(step, "forget"),
                        [StepBatches.Retain] = Batch(step, "retain"),
                    }
                )),
            batchSize: 3,
            CancellationToken.None
        );

    private TokenBatch Batch(int step, string rows)
    {
        var ids = _golden.Read($"importance.step{step}.{rows}.input_ids");
        var labels = _golden.Read($"importance.step{step}.{rows}.labels").ne(-100);
        Assert.Equal(0, labels.select(1, 0).sum().item<long>());
        return new(
            ids,
            _golden.Read($"importance.step{step}.{rows}.attention_mask").to(ScalarType.Bool),
            labels,
            [0, 1, 2]
        );
    }

    private static void AssertNear(Tensor expected, Tensor actual, double share, string name) =>
        Assert.True(
            (expected - actual).norm().item<float>() <= share * expected.norm().item<float>(),
            $"{name} differs by {(expected - actual).norm().item<float>()} of {expected.norm().item<float>()}"
        );

    private sealed class Losses(List<double> seen) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => seen.Add(value.Loss);
    }
}
