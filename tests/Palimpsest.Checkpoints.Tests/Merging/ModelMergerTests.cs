using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class ModelMergerTests : IDisposable
{
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(50, 16, 2, 2, 1, 24);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_merged_folder_loads_and_holds_the_rule_s_weights()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Saved("a", Config, 1), Saved("b", Config, 2));
        ModelMerger.Run([a, b], _folder.File("out"), new LinearMerge(0.25), new() { MaxShardBytes = 3000 });
        using var first = ModelFolder.Load(a);
        using var second = ModelFolder.Load(b);
        using var merged = ModelFolder.Load(_folder.File("out"));
        foreach (var (index, (name, value)) in merged.ExportWeights().Index())
        {
            var expected =
                0.75 * first.ExportWeights().ElementAt(index).Value
                + 0.25 * second.ExportWeights().ElementAt(index).Value;
            Assert.True(expected.eq(value).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Adding_a_task_vector_and_taking_it_out_again_gives_the_base()
    {
        using var scope = NewDisposeScope();
        var (origin, trained) = (Saved("base", Config, 1), Saved("trained", Config, 2));
        ModelMerger.Run([origin, trained], _folder.File("learnt"), new TaskVectorMerge(1), new());
        ModelMerger.Run(
            [_folder.File("learnt"), trained, origin],
            _folder.File("forgotten"),
            new TaskVectorMerge(0, 1),
            new()
        );
        Assert.True(ModelDiff.Compare(trained, _folder.File("learnt")).Total.Difference.RelativeNorm < 1e-6);
        Assert.True(ModelDiff.Compare(origin, _folder.File("forgotten")).Total.Difference.RelativeNorm < 1e-6);
    }

    [Fact]
    public void The_first_tensor_that_differs_is_named()
    {
        var error = Refused(Saved("b", Config with { IntermediateSize = 32 }, 2));
        Assert.Contains(
            "'model.layers.0.mlp.gate_proj.weight' is [32, 16], but [24, 16]",
            error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_model_of_another_family_is_named() =>
        Assert.Contains(
            "is a mistral model",
            Refused(Saved("b", Config with { Family = "mistral" }, 2)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Equal_shapes_that_mean_something_else_are_refused() =>
        Assert.Contains(
            "'rope_theta'",
            Refused(Saved("b", Config with { RopeTheta = 500 }, 2)),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_weight_that_one_model_lacks_is_named() =>
        Assert.Contains(
            "'lm_head.weight'",
            Refused(Saved("b", Config with { TiedHead = false }, 2)),
            StringComparison.Ordinal
        );

    private string Refused(string second)
    {
        var error = Assert.Throws<InputException>(() =>
            ModelMerger.Run([Saved("a", Config, 1), second], _folder.File("out"), new LinearMerge(), new())
        );
        Assert.False(Directory.Exists(_folder.File("out")));
        return error.Message;
    }

    private string Saved(string name, DecoderConfig config, ulong seed)
    {
        using var model = new CausalLM(config, seed);
        ModelFolder.Save(model, _folder.File(name));
        return _folder.File(name);
    }

    [Fact]
    public void Models_of_other_tokens_are_refused()
    {
        var (a, b) = (Saved("a", Config, 1), Saved("b", Config, 2));
        BpeTrainer.Train(["some text"], new() { VocabularySize = 265, LeastCount = 1 }).Save(a);
        BpeTrainer.Train(["what else"], new() { VocabularySize = 265, LeastCount = 1 }).Save(b);
        Refusal.Of(
            () => ModelMerger.Run([a, b], _folder.File("out"), new LinearMerge(0.5), new()),
            b,
            "tokenizer is not that of",
            "instead of"
        );
        Assert.False(Directory.Exists(_folder.File("out")));
    }
}
