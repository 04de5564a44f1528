using System.Text.Json;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class SelectiveAmnesiaTests
{
    private static readonly string Folder = GoldenFolder.Shipped("systems", "selective-amnesia");

    [Theory]
    [InlineData(-0.5, 1.2)]
    [InlineData(0, 1.2)]
    [InlineData(0.1, 1.2)]
    [InlineData(0.2, 1.2)]
    [InlineData(0.5, 1.5)]
    [InlineData(0.8, 2.1)]
    [InlineData(0.9, 2.3)]
    [InlineData(1, 2.3)]
    [InlineData(2, 2.3)]
    public void The_retain_weight_follows_the_drift(double drift, double weight) =>
        Assert.Equal(weight, SelectiveAmnesia.Multiplier(drift), 1e-9);

    [Fact, Trait("Category", "Golden")]
    public void Losses_levels_and_gradients_over_two_epochs_are_those_of_the_authors_code_and_survive_being_loaded()
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));
        var objective = new SelectiveAmnesia(new() { CountsRows = true });
        var steps = json.RootElement.GetProperty("adaptive").EnumerateArray().ToArray();
        Assert.Equal(11, steps.Length);
        for (var i = 0; i < steps.Length; i++)
        {
            var logits = tensors.Read($"adaptive.step{i}.logits").requires_grad_(true);
            var factor = tensors.Read($"adaptive.step{i}.factor");
            ScoredBatch? Rows(int kind)
            {
                var rows = factor.eq(kind).nonzero().squeeze(1);
                if (rows.shape[0] == 0)
                    return null;
                Tensor Of(string name) => tensors.Read($"adaptive.step{i}.{name}").index_select(0, rows);
                var batch = new TokenBatch(
                    Of("input_ids"),
                    Of("attention_mask").to(ScalarType.Bool),
                    Of("loss_mask").to(ScalarType.Bool),
                    [.. Enumerable.Range(0, (int)rows.shape[0])]
                );
                return ScoredBatch.FromLogits(batch, logits.index_select(0, rows));
            }

            var epoch = (int)steps[i].GetProperty("epoch").GetDouble();
            var loss = objective.Loss(new(Rows(-1), null, Rows(1)) { Position = new(i, i, epoch, 11) });
            loss.backward();
            Assert.Equal(steps[i].GetProperty("loss").GetDouble(), loss.item<float>(), 1e-4);
            Assert.Equal(steps[i].GetProperty("reference_level_after").GetDouble(), objective.Level, 1e-4);
            Assert.True(
                allclose(logits.grad!, tensors.Read($"adaptive.step{i}.grad_logits"), rtol: 1e-4, atol: 1e-5),
                $"gradient of step {i}"
            );
            var state = objective.State().ToDictionary(part => part.Name, part => part.Value);
            objective = new(new() { CountsRows = true });
            objective.LoadState(name => state[name]);
        }
    }

    [Fact]
    public void The_level_is_the_mean_of_batch_means_unless_rows_are_counted()
    {
        using var scope = NewDisposeScope();
        double Level(bool countsRows)
        {
            var objective = new SelectiveAmnesia(new() { CountsRows = countsRows });
            objective.Loss(new(ScoredBatch.Of([1.0], []), null, ScoredBatch.Of([1, 2, 3], [])));
            objective.Loss(new(ScoredBatch.Of([1.0], []), null, ScoredBatch.Of([5.0], [])));
            objective.Loss(
                new(ScoredBatch.Of([1.0], []), null, ScoredBatch.Of([50.0], [])) { Position = new(2, 2, 1, 3) }
            );
            return objective.Level;
        }

        Assert.Equal((2 + 5) / 2.0, Level(countsRows: false), 1e-6);
        Assert.Equal((2 + 5) / 4.0, Level(countsRows: true), 1e-6);
    }

    [Fact]
    public async Task In_a_run_the_level_is_that_of_the_first_epoch_and_the_weight_follows_it_afterwards()
    {
        using var original = new CausalLM(UnlearnerTests.Config, seed: 1);
        async Task<double> Level(int epochs)
        {
            var objective = new SelectiveAmnesia(new());
            var job = UnlearnerTests.Job(original);
            job = job with { Training = job.Training with { Epochs = epochs } };
            using var changed = (await new Unlearner("selective-amnesia", objective, null).RunAsync(job)).Model;
            return objective.Level;
        }

        var first = await Level(1);
        Assert.True(first > 0);
        Assert.Equal(first, await Level(3));
    }

    [Theory]
    [InlineData(AmnesiaComponent.Mlp)]
    [InlineData(AmnesiaComponent.Attention)]
    [InlineData(AmnesiaComponent.All)]
    public async Task Weights_outside_the_chosen_ones_are_bit_identical_and_every_chosen_one_changes(
        AmnesiaComponent component
    )
    {
        using var original = new CausalLM(UnlearnerTests.Config with { Layers = 3 }, seed: 1);
        var options = new SelectiveAmnesiaOptions
        {
            FirstLayer = 1,
            LastLayer = 1,
            Component = component,
        };
        var job = UnlearnerTests.Job(original) with { Training = new() { MaxSteps = 20 } };
        var result = await new SelectiveAmnesiaMethod(options).RunAsync(job);
        using var changed = Assert.IsType<ChangedWeights>(result).Model;
        using var scope = NewDisposeScope();
        foreach (var (before, after) in original.ParameterRefs.Zip(changed.ParameterRefs))
        {
            var chosen =
                before.Layer == 1
                && component switch
                {
                    AmnesiaComponent.Mlp => before.Component == ModelComponent.Mlp,
                    AmnesiaComponent.Attention => before.Component == ModelComponent.Attention,
                    _ => true,
                };
            Assert.Equal(!chosen, before.Value().equal(after.Value()).all().item<bool>());
        }
    }

    [Fact]
    public void Without_names_and_anchors_the_first_layers_change_and_no_more_than_six()
    {
        IReadOnlyList<int> Layers(int count)
        {
            using var model = new CausalLM(UnlearnerTests.Config with { Layers = count }, seed: 1);
            return new SelectiveAmnesiaMethod(new()).Layers(UnlearnerTests.Job(model), CancellationToken.None);
        }

        Assert.Equal([0], Layers(1));
        Assert.Equal([0, 1], Layers(4));
        Assert.Equal([0, 1, 2, 3, 4, 5], Layers(30));
    }

    [Fact]
    public async Task What_it_cannot_use_is_refused_in_one_line()
    {
        using var model = new CausalLM(UnlearnerTests.Config, seed: 1);
        var job = UnlearnerTests.Job(model);
        async Task<string> Refused(SelectiveAmnesiaOptions options, UnlearnJob of) =>
            (await Assert.ThrowsAsync<InputException>(() => new SelectiveAmnesiaMethod(options).RunAsync(of))).Message;
        Assert.Equal(
            "Method 'selective-amnesia': layers 0 to 2 are asked; the model's are 0 to 1.",
            await Refused(new() { LastLayer = 2 }, job)
        );
        Assert.Contains("Lora and MayChange", await Refused(new(), job with { Lora = new() }), Ordinal);
        Assert.Contains("retain set is empty", await Refused(new(), job with { Retain = [] }), Ordinal);
        var named = job with { Anchors = [new(0, [9999], [5])] };
        Assert.Contains("none of the 6 forget rows names one of the 1 anchors", await Refused(new(), named), Ordinal);
        Assert.Contains("anchors have no effect", await Refused(new() { FirstLayer = 0 }, named), Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;
}
