using System.Globalization;
using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class UldComposerTests : LogitComposerContract
{
    private const double Tolerance = 1e-4;
    private static readonly string Reference = GoldenFolder.Shipped("systems", "uld", "reference.safetensors");

    protected override ILogitComposer Create() => new UldComposer(new() { Filter = 0.1 });

    protected override ILogitComposer CreateIdle() => new UldComposer(new() { Subtraction = 0, Filter = 0 });

    [Fact]
    public void Hand_values()
    {
        using var scope = NewDisposeScope();
        Tensor[] logits = [tensor(new float[] { 2, 1, 0 }), tensor(new float[] { 3, 0, 0 })];
        var composed = new UldComposer(new() { Filter = 0 }).Compose(logits, LogitUse.Scoring);
        Assert.Equal([-0.25f, 1, 0], composed.data<float>().ToArray());
        Assert.Equal(
            [0.173179f, 0.604455f, 0.222366f],
            composed.softmax(-1).data<float>().ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-6
        );
        var uniform = new UldComposer(new() { Filter = 0 }).Compose([logits[0], full(3, 9f)], LogitUse.Scoring);
        Assert.Equal(
            [0.665241f, 0.244728f, 0.090031f],
            uniform.softmax(-1).data<float>().ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-6
        );
    }

    [Fact]
    public void The_filter_keeps_the_likeliest_whatever_the_share_and_differs_between_uses()
    {
        using var scope = NewDisposeScope();
        Tensor[] logits = [tensor(new float[] { 2, 1.9f, -5 }), tensor(new float[] { 1, 0, 4 })];
        var composer = new UldComposer(new() { Subtraction = 1, Filter = 0.3 });
        Assert.Equal([1, 1.9f, -5], composer.Compose(logits, LogitUse.Scoring).data<float>().ToArray());
        Assert.Equal(
            [1, 1.9f, float.NegativeInfinity],
            composer.Compose(logits, LogitUse.Decoding).data<float>().ToArray()
        );
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData("-0.75", "0.0")]
    [InlineData("-0.8", "0.01")]
    [InlineData("-0.8", "0.1")]
    [InlineData("-0.5", "0.3")]
    public void Scoring_logits_and_the_filter_are_those_of_the_authors_code(string weight, string filter)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Reference);
        var (a, gamma) = (-Number(weight), Number(filter));
        var name = $"compose.weight_{weight}_filter_{filter}";
        Tensor[] logits = [golden.Read("compose.target_logits"), golden.Read("compose.assistant_logits")];
        var composer = new UldComposer(new() { Subtraction = a, Filter = gamma });
        AssertNear(golden.Read($"{name}.logits"), composer.Compose(logits, LogitUse.Scoring));
        if (gamma == 0)
            return;
        var filtered = golden.Read($"{name}.filtered").to(ScalarType.Bool);
        Assert.True(UldComposer.Filtered(logits[0], gamma).equal(filtered).all().item<bool>());
        Assert.True(composer.Compose(logits, LogitUse.Decoding).isneginf().equal(filtered).all().item<bool>());
    }

    // 0.002 of 140 ids is none: the authors' code then filters nothing, ours keeps to the likeliest.
    [Fact, Trait("Category", "Golden")]
    public void A_share_of_less_than_one_token_still_filters()
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Reference);
        var target = golden.Read("compose.target_logits");
        var expected = target.log_softmax(-1) < target.log_softmax(-1).amax([-1], true) + Math.Log(0.002);
        Assert.True(UldComposer.Filtered(target, 0.002).equal(expected).all().item<bool>());
    }

    // A target whose scores are all negative makes the authors' search take the first filtered token; the shift that
    // it comes from changes no distribution, so that the right continuation is that of the positive case.
    [Theory, Trait("Category", "Golden")]
    [InlineData("decode.no_filter", "decode.no_filter")]
    [InlineData("decode.filter_0.02_scores_positive", "decode.filter_0.02_scores_positive")]
    [InlineData("decode.filter_0.02_scores_negative", "decode.filter_0.02_scores_positive")]
    [InlineData("decode.filter_0.1_scores_positive", "decode.filter_0.1_scores_positive")]
    public async Task Greedy_continuations_are_those_of_the_authors_code(string name, string expected)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(GoldenFolder.Shipped("systems", "uld", "reference.json")));
        var settings = json.RootElement.GetProperty("values").GetProperty("decode").GetProperty(name);
        var composer = new Scaled(
            new UldComposer(
                new()
                {
                    Subtraction = -settings.GetProperty("weight").GetDouble(),
                    Filter = settings.GetProperty("filter").GetDouble(),
                }
            ),
            settings.GetProperty("both_logits_times").GetDouble(),
            settings.GetProperty("added_to_target_logits").GetDouble()
        );
        int[][] sequences;
        using (NewDisposeScope())
        using (var golden = SafetensorsFile.Open(Reference))
            sequences = [.. Enumerable.Range(0, 2).Select(row => Ids(golden.Read($"{expected}.sequences")[row]))];
        using var pair = new ComposedModel("uld", composer, Llama(null), Llama(2));
        var prompts = sequences.Select(row => row[..6]).ToArray();
        var rows = await pair.GenerateAsync(prompts, new() { MaxNewTokens = 8, StopTokens = [2] });
        for (var row = 0; row < rows.Count; row++)
            Assert.Equal(sequences[row][6..].TakeWhile(id => id != 2), rows[row]);
        if (name == expected)
            AssertFirstScores(pair.Steps, prompts, name);
    }

    private static void AssertFirstScores(IStepModel steps, int[][] prompts, string name)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Reference);
        using var batch = steps.NewBatch(2, 6);
        var scores = batch.Read(
            new() { TokenIds = tensor(prompts.SelectMany(row => row).Select(id => (long)id).ToArray(), [2, 6]) }
        );
        var expected = golden.Read($"{name}.step0_scores");
        Assert.True((expected <= -1000).equal(scores.isneginf()).all().item<bool>());
        // Without filter theirs are differences of log-probabilities: the same distribution.
        AssertNear(expected.log_softmax(-1).exp(), scores.log_softmax(-1).exp());
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData(1)]
    [InlineData(2)]
    public void An_assistant_of_the_first_layers_gives_the_logits_of_the_authors_copy(int layers)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Reference);
        using var target = ModelFolder.Load(GoldenFolder.Shipped("models", "llama"));
        using var assistant = UldAssistant.Truncate(target, layers);
        var ids = golden.Read("truncate.input_ids");
        AssertNear(golden.Read($"truncate.K{layers}.logits"), assistant.Forward(new() { TokenIds = ids }).Logits!);
        AssertNear(golden.Read("truncate.target_logits"), target.Forward(new() { TokenIds = ids }).Logits!);
        Assert.All(assistant.parameters(), parameter => Assert.False(parameter.requires_grad));
    }

    [Fact]
    public void An_assistant_with_every_layer_is_the_target_adapters_included()
    {
        using var scope = NewDisposeScope();
        using var target = new CausalLM(DecoderConfig.TinyLlama(60, 32, 3, 4, 2, 64), 4);
        using (var adapter = LoraAdapter.Attach(target, "a", new() { Rank = 2 }, 1))
        {
            using var grad = no_grad();
            using var generator = new Generator(3, CPU);
            foreach (var (_, weight) in target.TrainableParameters)
                weight.copy_(randn(weight.shape, generator: generator));
            using var assistant = UldAssistant.Truncate(target, 3);
            var ids = tensor(new long[] { 4, 8, 15, 16 }, [1, 4]);
            AssertNear(
                target.Forward(new() { TokenIds = ids }).Logits!,
                assistant.Forward(new() { TokenIds = ids }).Logits!
            );
        }

        Assert.Throws<InputException>(() => UldAssistant.Truncate(target, 0));
        Assert.Contains(
            "1 to 3",
            Assert.Throws<InputException>(() => UldAssistant.Truncate(target, 4)).Message,
            StringComparison.Ordinal
        );
    }

    private static LanguageModel Llama(int? layers)
    {
        var target = ModelFolder.Load(GoldenFolder.Shipped("models", "llama"));
        var decoder = target;
        if (layers is { } count)
        {
            using (target)
                decoder = UldAssistant.Truncate(target, count);
            using var scope = NewDisposeScope();
            using var golden = SafetensorsFile.Open(Reference);
            decoder.ImportWeight(decoder.HeadWeightName, golden.Read("decode.assistant_head"));
        }

        var words = BpeTrainer.Train(["a"], new() { VocabularySize = 261, LeastCount = 9 });
        return new(decoder, words, layers is null ? "target" : "assistant");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int[] Ids(Tensor row) => [.. row.data<long>().ToArray().Select(id => (int)id)];

    private static void AssertNear(Tensor expected, Tensor actual) =>
        Assert.True(
            allclose(actual, expected, rtol: Tolerance, atol: Tolerance),
            $"differs by {(actual - expected).abs().max().item<float>()}"
        );

    /// <summary>Both models' logits made larger before they are composed, the target's shifted.</summary>
    private sealed class Scaled(ILogitComposer composer, double factor, double shift) : ILogitComposer
    {
        public int Models => composer.Models;

        public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use)
        {
            using var scope = NewDisposeScope();
            return composer
                .Compose([logits[0] * factor + shift, .. logits.Skip(1).Select(one => one * factor)], use)
                .MoveToOuterDisposeScope();
        }
    }
}
