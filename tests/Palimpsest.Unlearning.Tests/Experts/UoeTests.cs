using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class UoeTests
{
    private static readonly DecoderConfig EightExperts = UnlearnerTests.WithExperts with
    {
        Layers = 2,
        HiddenSize = 32,
        Experts = UnlearnerTests.WithExperts.Experts! with { Count = 8 },
    };

    [Fact]
    public void The_anchor_of_the_sheet_and_of_a_router_that_is_sure()
    {
        using var scope = NewDisposeScope();
        var mixed = tensor([0.7f, 0.2f, 0.1f]);
        Assert.Equal(0.14, RouterAnchor.Distance(mixed, [0]).item<float>(), 1e-6);
        Assert.Equal(0.09 + 0.64 + 0.01, RouterAnchor.Distance(mixed, [0, 1]).item<float>(), 1e-6);
        Assert.Equal(0, RouterAnchor.Distance(tensor([0f, 1f, 0f]), [1]).item<float>());
    }

    [Fact]
    public void Affinities_of_a_layer_sum_to_one_and_neither_batches_nor_padding_change_them()
    {
        using var model = new CausalLM(EightExperts, seed: 1);
        var rows = UnlearnerTests.Rows(7, first: 3);
        var together = ExpertAffinity.Measure(model, rows, 0, 4);
        Assert.Equal(16, together.Count);
        foreach (var layer in together.GroupBy(affinity => affinity.Layer))
            Assert.Equal(1, layer.Sum(affinity => affinity.Affinity), 1e-5);
        Assert.Equal(together.OrderByDescending(a => a.Affinity), together);
        var single = ExpertAffinity.Measure(model, rows, 0, 1).ToDictionary(a => (a.Layer, a.Expert));
        Assert.All(together, a => Assert.Equal(single[(a.Layer, a.Expert)].Affinity, a.Affinity, 1e-5));
        var longest = rows.MaxBy(row => row.Ids.Length)!;
        var mean = ExpertAffinity.Measure(model, [longest, longest], 0, 2).ToDictionary(a => (a.Layer, a.Expert));
        var one = ExpertAffinity.Measure(model, [longest], 0, 2);
        Assert.All(one, a => Assert.Equal(mean[(a.Layer, a.Expert)].Affinity, a.Affinity, 1e-5));
    }

    [Fact]
    public async Task The_expert_to_which_a_topic_was_sent_in_training_is_found_and_another_topics_is_another()
    {
        using var model = new CausalLM(EightExperts, seed: 3);
        TokenSequence[] first =
        [
            .. Enumerable.Range(0, 6).Select(i => new TokenSequence([1, 4, 8 + i, 14 + i, 2], 2, i)),
        ];
        TokenSequence[] second =
        [
            .. Enumerable
                .Range(0, 6)
                .Select(i => new TokenSequence([1, 5, 20 + i, 26 + i % 4, 2], 2, 6 + i) { Flag = 1 }),
        ];
        var training = new TrainOptions
        {
            MaxSteps = 150,
            Optimizer = new() { LearningRate = 1e-2 },
        };
        var source = new SequenceBatchSource([.. first, .. second], 12, 0, 1);
        await new Trainer(training).RunAsync(model, source, new Planted((1, 5), (0, 2)));
        model.eval();
        var (of, other) = (
            ExpertAffinity.Measure(model, first, 0, 4)[0],
            ExpertAffinity.Measure(model, second, 0, 4)[0]
        );
        Assert.Equal((1, 5), (of.Layer, of.Expert));
        Assert.NotEqual((1, 5), (other.Layer, other.Expert));
    }

    [Theory]
    [InlineData("graddiff")]
    [InlineData("npo")]
    [InlineData("rmu")]
    public async Task Only_the_chosen_expert_and_its_router_change_and_all_of_these_do(string method)
    {
        using var original = new CausalLM(EightExperts, seed: 1);
        var uoe = new Uoe(new() { Method = method });
        var job = UnlearnerTests.Job(original) with { Training = new() { MaxSteps = 50 } };
        var (layer, expert) = Assert.Single(uoe.Choose(job, CancellationToken.None));
        var ranked = ExpertAffinity.Measure(original, job.Forget, 0, 4);
        Assert.Equal((ranked[0].Layer, ranked[0].Expert), (layer, expert));
        var later = new Uoe(new() { Experts = 2, FirstRank = 3 }).Choose(job, CancellationToken.None);
        Assert.Equal(ranked.Skip(2).Take(2).Select(a => (a.Layer, a.Expert)), later);
        using var changed = Assert.IsType<ChangedWeights>(await uoe.RunAsync(job)).Model;
        using var scope = NewDisposeScope();
        var moved = original
            .ParameterRefs.Zip(changed.ParameterRefs)
            .Where(pair => !pair.First.Value().equal(pair.Second.Value()).all().item<bool>())
            .Select(pair => pair.First)
            .ToArray();
        Assert.All(
            moved,
            w => Assert.True(w.Layer == layer && (w.Expert == expert || w.Component == ModelComponent.Router))
        );
        Assert.Equal(method == "rmu" ? moved.Length : 4, moved.Length); // gate, up, down, router
        Assert.Contains(moved, weight => weight.Component == ModelComponent.Router);
    }

    [Fact]
    public async Task The_anchor_keeps_forget_tokens_at_the_expert_and_reaches_no_expert_of_its_layer()
    {
        using var original = new CausalLM(EightExperts, seed: 1);
        var job = UnlearnerTests.Job(original) with
        {
            Training = new()
            {
                MaxSteps = 30,
                Optimizer = new() { LearningRate = 5e-3 },
            },
        };
        var target = new Uoe(new()).Choose(job, CancellationToken.None)[0];
        async Task<double> Share(double weight)
        {
            var result = await new Uoe(new() { Method = "ga", AnchorWeight = weight }).RunAsync(job);
            using var changed = result.Model;
            return ExpertAffinity
                .Measure(changed, job.Forget, 0, 4)
                .Single(a => (a.Layer, a.Expert) == target)
                .Affinity;
        }

        var (with, without) = (await Share(1), await Share(0));
        Assert.True(with > without + 0.1, $"{without} to {with}");
        using var scope = NewDisposeScope();
        using var batches = new ForgetBatchSource(job, readsRetain: true, readsAlternates: false).Batch(0);
        foreach (var parameter in original.parameters())
            parameter.requires_grad_(true);
        new RouterAnchor([target]).Loss(original, batches, default).backward();
        Assert.All(
            original.ParameterRefs.Where(w => w.Layer == target.Layer && w.Expert is not null),
            weight => Assert.True(weight.Gradient() is not { } g || g.count_nonzero().item<long>() == 0, weight.Name)
        );
        Assert.Contains(
            original.ParameterRefs,
            w =>
                w.Component == ModelComponent.Router
                && w.Layer == target.Layer
                && w.Gradient()!.abs().sum().item<float>() > 0
        );
    }

    [Fact]
    public async Task What_it_cannot_use_is_refused_in_one_line()
    {
        using var dense = new CausalLM(UnlearnerTests.Config, seed: 1);
        using var sparse = new CausalLM(EightExperts, seed: 1);
        static async Task<string> Refused(UoeOptions options, UnlearnJob job) =>
            (await Assert.ThrowsAsync<InputException>(() => new Uoe(options).RunAsync(job))).Message;
        Assert.Equal(
            "Method 'uoe' needs a model with experts (mixture of experts); this llama model has none.",
            await Refused(new(), UnlearnerTests.Job(dense))
        );
        Assert.Equal(
            "Method 'uoe': 3 experts from rank 15 on are asked; the model has 16.",
            await Refused(new() { Experts = 3, FirstRank = 15 }, UnlearnerTests.Job(sparse))
        );
        Assert.Contains(
            "Lora and MayChange",
            await Refused(new(), UnlearnerTests.Job(sparse) with { Lora = new() }),
            StringComparison.Ordinal
        );
        Refusal.Of(() => New("uoe"), "uoe: Method is 'uoe'");
        Refusal.Of(() => New("loku"), "uoe: Method is 'loku'");
        Refusal.Of(() => new ExpertSelector([(0, 8)]).Select(sparse), "no expert 8 in layer 0");
    }

    private static Uoe New(string method) => new(new() { Method = method });

    /// <summary>Next tokens, with rows of flag 0 sent to one expert and those of flag 1 to another.</summary>
    private sealed class Planted((int Layer, int Expert) first, (int Layer, int Expert) second) : IObjective
    {
        public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
        {
            using var scope = NewDisposeScope();
            var batch = batches[StepBatches.Train];
            var output = model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask });
            var loss = ScoredBatch.FromLogits(batch, output.Logits!).BatchTokenMean;
            for (var row = 0; row < batch.Rows.Count; row++)
            {
                var (layer, expert) = batch.Flags?[row] == 1 ? second : first;
                loss = loss + RouterAnchor.Distance(output.Routers[layer].Probabilities[row], [expert]).mean() * 0.1;
            }

            return loss.MoveToOuterDisposeScope();
        }
    }
}
