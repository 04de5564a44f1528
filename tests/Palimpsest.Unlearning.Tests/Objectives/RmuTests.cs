using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class RmuTests
{
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(32, 16, 3, 2, 1, 32, maxPositions: 16);

    [Fact]
    public void The_control_vector_has_the_length_that_is_asked_for_and_a_direction_of_its_seed()
    {
        var control = new Rmu(new() { Steering = 6.5 }).Control(64);
        Assert.Equal(6.5, Math.Sqrt(control.Sum(value => (double)value * value)), tolerance: 1e-5);
        Assert.All(control, value => Assert.InRange(value, 0, 6.5f));
        Assert.Equal(control, new Rmu(new() { Steering = 6.5 }).Control(64));
        Assert.NotEqual(control, new Rmu(new() { Steering = 6.5, ControlSeed = 2 }).Control(64));
        Assert.Equal([6, 8], new Rmu(new() { Steering = 10 }, [3, 4]).Control(2));
    }

    [Fact]
    public void States_at_the_control_vector_have_no_loss()
    {
        using var scope = NewDisposeScope();
        var rmu = new Rmu(new() { Steering = 10 }, [3, 4]);
        var at = tensor(new float[] { 6, 8 }).expand(1, 3, 2);
        Assert.Equal(0, rmu.Loss(Step(at, [3])).item<float>());
    }

    [Theory] // squared distances 1, 4, 9 | 16 of a row of three labelled tokens and one of one; D = 1, c = 0
    [InlineData(HiddenMean.Tokens, (1.0 + 4 + 9 + 16) / 4)]
    [InlineData(HiddenMean.Released, (14.0 + 16) / 2 * (1.0 / 3 + 1) / 2)]
    public void Distances_are_averaged_as_asked(HiddenMean mean, double expected)
    {
        using var scope = NewDisposeScope();
        var states = tensor(new float[] { 1, 2, 3, 50, 4, 60, 70, 80 }, [2, 4, 1]);
        using var labels = tensor(new[] { true, true, true, false, true, false, false, false }, [2, 4]);
        var batch = new TokenBatch(zeros([2, 4], ScalarType.Int64), ones_like(labels), labels, [0, 1]);
        Assert.Equal(
            expected,
            new HiddenBatch(batch, states).Distance(zeros([1]), mean).item<float>(),
            tolerance: 1e-5
        );
    }

    [Fact]
    public void The_retain_term_is_the_distance_from_the_reference_s_states_averaged_in_the_same_way()
    {
        using var scope = NewDisposeScope();
        var options = new RmuOptions
        {
            Retain = RetainTerm.Hidden,
            RetainWeight = 3,
            ForgetWeight = 0,
            Averages = HiddenMean.Released,
        };
        var states = new HiddenBatch(Batch(2, 3, 3), full([1, 3, 2], 2f), full([1, 3, 2], 0.5f));
        var step = new ForgetStep(null) { RetainHidden = states };
        Assert.Equal(3 * 1.5 * 1.5, UnlearningLoss.Of(new Rmu(options), options, step).item<float>(), tolerance: 1e-5);
    }

    [Theory]
    [InlineData(null, 16, 7)]
    [InlineData(null, 2, 0)]
    [InlineData(3, 4, 3)]
    public void The_middle_block_is_steered_unless_another_is_named(int? asked, int layers, int expected) =>
        Assert.Equal(expected, new Rmu(new() { Layer = asked }).HiddenLayer(Config with { Layers = layers }));

    [Fact]
    public async Task A_block_that_the_model_does_not_have_is_refused_before_any_work()
    {
        using var model = new CausalLM(Config, seed: 1);
        var method = Catalog.Find("rmu").Create(new RmuOptions { Layer = 3 });
        var error = await Assert.ThrowsAsync<InputException>(() => method.RunAsync(Job(model)));
        Assert.Equal("Layer is 3; the model's are 0 to 2.", error.Message);
    }

    [Fact]
    public async Task Another_method_cannot_retain_by_hidden_states()
    {
        using var model = new CausalLM(Config, seed: 1);
        var method = new Unlearner("npo", new Npo(new()), new NpoOptions { Retain = RetainTerm.Hidden });
        var error = await Assert.ThrowsAsync<InputException>(() => method.RunAsync(Job(model)));
        Assert.Contains("reads no hidden states", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forget_rows_are_steered_towards_the_vector_and_retain_rows_stay_where_they_were()
    {
        using var original = new CausalLM(Config with { InitializerRange = 0.2 }, seed: 1);
        var options = new RmuOptions { Layer = 1, RetainWeight = 5 };
        var job = Job(original) with
        {
            MayChange = new WeightSelector { Layers = [0, 1], Names = ["down_proj.weight"] },
            Training = new()
            {
                MaxSteps = 60,
                Optimizer = new() { LearningRate = 0.01, WeightDecay = 0 },
            },
        };
        using var changed = (await Catalog.Find("rmu").Create(options).RunAsync(job)).Model;
        var control = new Rmu(options).Control(16);
        var (before, after) = (Distance(original, job.Forget, control), Distance(changed, job.Forget, control));
        Assert.True(after < 0.6 * before, $"forget rows: {before} to {after}");
        var moved = Moved(original, changed, job.Retain);
        var forgotten = Moved(original, changed, job.Forget);
        Assert.True(moved < 0.3 * forgotten, $"moved: retain rows {moved}, forget rows {forgotten}");
        Assert.All(
            original.ParameterRefs.Zip(changed.ParameterRefs),
            pair =>
            {
                using var scope = NewDisposeScope();
                var may =
                    pair.First.Layer < 2 && pair.First.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
                Assert.Equal(!may, pair.First.Value().eq(pair.Second.Value()).all().item<bool>());
            }
        );
    }

    private static double Distance(CausalLM model, IReadOnlyList<TokenSequence> rows, float[] control)
    {
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Collate(rows, 0);
        return new HiddenBatch(batch, States(model, batch)).Distance(tensor(control), HiddenMean.Tokens).item<float>();
    }

    private static double Moved(CausalLM before, CausalLM after, IReadOnlyList<TokenSequence> rows)
    {
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Collate(rows, 0);
        return new HiddenBatch(batch, States(after, batch))
            .Distance(States(before, batch), HiddenMean.Tokens)
            .item<float>();
    }

    private static Tensor States(CausalLM model, TokenBatch batch)
    {
        using var grad = no_grad();
        using var recorder = new ActivationRecorder(new TapSite(1, TapPoint.BlockOutput));
        using (model.Attach(recorder))
            model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask });
        return recorder[1, TapPoint.BlockOutput].alias();
    }

    private static ForgetStep Step(Tensor states, int[] labelled) =>
        new(null) { ForgetHidden = new(Batch((int)states.shape[2], (int)states.shape[1], labelled[0]), states) };

    private static TokenBatch Batch(int size, int width, int labelled)
    {
        Assert.True(size > 0);
        var labels = arange(width).lt(labelled).unsqueeze(0);
        return new(zeros([1, width], ScalarType.Int64), ones_like(labels), labels, [0]);
    }

    private static UnlearnJob Job(CausalLM model) =>
        new()
        {
            Model = model,
            PadId = 0,
            Forget = [.. Enumerable.Range(0, 4).Select(i => new TokenSequence([3, 5 + i, 20, 21, 22], 2, i))],
            Retain = [.. Enumerable.Range(0, 4).Select(i => new TokenSequence([4, 10 + i, 25, 26, 27, 28], 2, i))],
            BatchSize = 4,
            Training = new() { Epochs = 1 },
        };
}
