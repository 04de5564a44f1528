using System.Text.Json;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class CausalTracerTests
{
    private static readonly string Folder = GoldenFolder.Shipped("systems", "selective-amnesia");

    [Fact, Trait("Category", "Golden")]
    public void Traces_are_those_of_the_authors_code()
    {
        Assert.SkipWhen(GoldenFolder.TryGet("tofu-small", "retain") is null, "the traced model is not here");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));
        using var model = ModelFolder.Load(GoldenFolder.TryGet("tofu-small", "retain")!);
        var trace = json.RootElement.GetProperty("trace");
        var level = trace.GetProperty("noise_level").GetDouble();
        for (var i = 0; i < 2; i++)
        {
            var of = trace.GetProperty("facts")[i];
            int[] ids = [.. tensors.Read($"trace.fact{i}.input_ids").data<long>().Select(id => (int)id)];
            var fact = new TracedFact(
                ids,
                of.GetProperty("subject_range")[0].GetInt32(),
                of.GetProperty("subject_range")[1].GetInt32(),
                of.GetProperty("answer_id").GetInt32()
            );
            var noise = tensors.Read($"trace.fact{i}.noise") * level;
            foreach (var (name, part, window) in Tables)
            {
                var expected = tensors.Read($"trace.fact{i}.{name}");
                int[] tokens = [1, fact.SubjectStart, fact.SubjectEnd - 1, ids.Length - 1];
                foreach (
                    var (token, layer) in tokens.SelectMany(token => Enumerable.Range(0, 4).Select(l => (token, l)))
                )
                {
                    var sites = CausalTracer.Sites(part, layer, window, 4);
                    var found = CausalTracer.Probabilities(model, fact, noise, sites, [token]);
                    Assert.Equal(of.GetProperty("high").GetDouble(), found.Clean, 1e-4);
                    Assert.Equal(expected[token, layer].item<float>(), found.Corrupted, 1e-4);
                }
            }

            var plain = CausalTracer.Probabilities(model, fact, noise, null, null);
            Assert.Equal(of.GetProperty("low").GetDouble(), plain.Corrupted, 1e-4);
            Assert.Null(CausalTracer.Trace(model, fact with { Answer = 5 }, noise, (TracedPart.Block, 1), default));
        }
    }

    [Fact]
    public async Task Identities_of_tracing_hold_on_a_model_that_knows_its_facts()
    {
        using var taught = await TaughtAsync();
        var (model, fact) = (taught, Fact(2));
        var tracer = new CausalTracer(new() { Draws = 4 });
        var level = tracer.NoiseLevel(model, [.. Enumerable.Range(0, 8).Select(Fact)]);
        var without = tracer.Trace(model, fact, 0, TracedPart.Block)!;
        Assert.Equal(without.Clean, without.Corrupted, 1e-6);
        Assert.All(without.Restored.Cast<double>(), value => Assert.Equal(without.Clean, value, 1e-6));
        var trace = tracer.Trace(model, fact, level, TracedPart.Block)!;
        Assert.True(trace.Clean - trace.Corrupted > 0.3, $"{trace.Clean} to {trace.Corrupted}");
        Assert.Equal(trace.Restored, tracer.Trace(model, fact, level, TracedPart.Block)!.Restored);
        for (var layer = 0; layer < 3; layer++)
            Assert.Equal(trace.Corrupted, trace.Restored[0, layer], 1e-6); // left of the subject
        Assert.Equal(trace.Clean, trace.Restored[fact.Prompt.Count - 1, 2], 1e-4); // the last block of the last token
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var noise = ones(4, 2, model.Config.HiddenSize) * level;
        int[] everywhere = [.. Enumerable.Range(0, fact.Prompt.Count)];
        var whole = CausalTracer.Probabilities(
            model,
            fact,
            noise,
            CausalTracer.Sites(TracedPart.Block, 1, 1, 3),
            everywhere
        );
        Assert.Equal(whole.Clean, whole.Corrupted, 1e-4);
    }

    [Fact]
    public async Task Anchors_let_the_layers_be_found_and_the_method_changes_these_alone()
    {
        using var model = await TaughtAsync();
        var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var job = new UnlearnJob
        {
            Model = model,
            PadId = 0,
            Forget = [.. Enumerable.Range(0, 4).Select(Row)],
            Retain = [.. Enumerable.Range(4, 4).Select(Row)],
            Anchors = [.. Enumerable.Range(0, 4).Select(i => new TokenAnchor(i, [8 + i, 16 + i], [3]))],
            Training = new() { MaxSteps = 2 },
        };
        var found = TracedLayers.Find(job, new() { Window = 1 }, CancellationToken.None);
        Assert.Equal(4, found.Facts);
        Assert.Equal(3, found.Effects.Count);
        Assert.Contains(found.Effects.ToList().IndexOf(found.Effects.Max()), found.Layers);
        Assert.Equal(live, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        var method = new SelectiveAmnesiaMethod(new());
        var layers = method.Layers(job, CancellationToken.None);
        using var changed = (await method.RunAsync(job)).Model;
        using var scope = NewDisposeScope();
        Assert.Equal(
            layers,
            model
                .ParameterRefs.Zip(changed.ParameterRefs)
                .Where(pair => !pair.First.Value().equal(pair.Second.Value()).all().item<bool>())
                .Select(pair => pair.First.Layer!.Value)
                .Distinct()
                .Order()
        );
    }

    [Fact]
    public void Layers_are_those_with_half_of_the_best_effect_and_what_is_not_localised_is_refused()
    {
        static TracedLayers Of(double clean, double low, params double[] restored) =>
            TracedLayers.Choose([(clean, low, restored), (clean, low, restored)]);
        var found = Of(0.9, 0.1, 0.5, 0.31, 0.29, 0.1);
        Assert.Equal([0, 1], found.Layers);
        Assert.Equal(0.8, found.Drop, 1e-9);
        Assert.Equal(0.5, found.Effects[0], 1e-9);
        Refusal.Of(() => Of(0.9, 0.85, 0.9), "the noise takes 0.050");
        Refusal.Of(() => Of(0.9, 0.1, 0.1, 0.15), "not localised");
        Refusal.Of(() => TracedLayers.Choose([]), "no answer that depends on its subject");
    }

    [Fact]
    public async Task An_answer_that_the_model_does_not_give_is_no_fact_of_its_subject()
    {
        using var model = await TaughtAsync();
        var tracer = new CausalTracer(new());
        var level = tracer.NoiseLevel(model, [Fact(2)]);
        var known = tracer.MostDependent(model, Row(2), (2, 4), level)!;
        Assert.Equal((Fact(2).Answer, 4), (known.Answer, known.Prompt.Count));
        var wrong = new TokenSequence([1, 5, 10, 18, 31, 7], 4);
        Assert.Null(tracer.MostDependent(model, wrong, (2, 4), level));
    }

    [Theory]
    [InlineData(TracedPart.Mlp, 5, 10, "0 1 2 3 4 5 6 7 8 9")]
    [InlineData(TracedPart.Mlp, 6, 10, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(TracedPart.Attention, 3, 2, "2 3")]
    [InlineData(TracedPart.Attention, 3, 3, "2 3 4")]
    [InlineData(TracedPart.Mlp, 0, 3, "0 1")]
    [InlineData(TracedPart.Mlp, 11, 3, "10 11")]
    [InlineData(TracedPart.Block, 4, 10, "4")]
    public void A_window_reaches_one_layer_further_down_than_up_and_is_cut_at_the_borders(
        TracedPart part,
        int layer,
        int window,
        string layers
    ) => Assert.Equal(layers, string.Join(' ', CausalTracer.Sites(part, layer, window, 12).Select(site => site.Layer)));

    [Fact]
    public void A_subject_outside_the_prompt_is_refused()
    {
        using var model = new CausalLM(UnlearnerTests.Config, seed: 1);
        var tracer = new CausalTracer(new());
        foreach (var (start, end) in new[] { (-1, 1), (1, 1), (2, 4) })
            Refusal.Of(
                () => tracer.Trace(model, new([1, 5, 6], start, end, 7), 1, TracedPart.Mlp),
                "no part of the prompt"
            );
    }

    // "1 5 subject subject answer 2": eight subjects of two tokens, each with an answer of its own.
    private static TokenSequence Row(int i) => new([1, 5, 8 + i, 16 + i, 24 + i, 2], 4, i);

    private static TracedFact Fact(int i) => new([1, 5, 8 + i, 16 + i], 2, 4, 24 + i);

    private static async Task<CausalLM> TaughtAsync()
    {
        var model = new CausalLM(DecoderConfig.TinyLlama(32, 32, 3, 2, 2, 64, 16), seed: 2);
        var training = new TrainOptions
        {
            MaxSteps = 150,
            Optimizer = new() { LearningRate = 1e-2 },
        };
        var rows = new SequenceBatchSource([.. Enumerable.Range(0, 8).Select(Row)], 8, 0, 1);
        await new Trainer(training).RunAsync(model, rows, new NextTokenLoss());
        model.eval();
        return model;
    }

    private static IEnumerable<(string Name, TracedPart Part, int Window)> Tables =>
        [
            ("block", TracedPart.Block, 1),
            ("mlp.window2", TracedPart.Mlp, 2),
            ("mlp.window3", TracedPart.Mlp, 3),
            ("mlp.window10", TracedPart.Mlp, 10),
            ("self_attn.window1", TracedPart.Attention, 1),
            ("self_attn.window10", TracedPart.Attention, 10),
        ];
}
