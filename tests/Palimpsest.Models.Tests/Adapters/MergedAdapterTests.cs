using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class MergedAdapterTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Random_weights_give_the_same_merged_and_unmerged(bool decomposed, bool biases)
    {
        using var model = NewModel(biases);
        var before = Logits(model);
        using var adapter = Random(model, decomposed);
        var adapted = Logits(model);
        Assert.True(Distance(before, adapted) > 0.05, "the adapter does nothing");
        adapter.Merge();
        Assert.False(adapter.Active);
        GoldenModel.AssertClose(adapted, Logits(model), null, "merged", 1e-5);
        adapter.Unmerge();
        Assert.True(adapted.eq(Logits(model)).all().item<bool>());
    }

    [Fact]
    public void A_decomposed_update_is_the_magnitude_times_the_direction()
    {
        // W = [[3, 0], [0, 1]], B A = [[0, 2], [0, 0]], s = 2: V = [[3, 4], [0, 1]], norms 5 and 1, m = (10, 3).
        using var model = NewModel(biases: true);
        var target = model.Projections.First(p => p.Name == "q_proj");
        using var grad = no_grad();
        target.WritableWeight().zero_();
        target.WritableWeight()[0, 0] = 3;
        target.WritableWeight()[1, 1] = 1;
        target.Bias()!.fill_(7);
        var options = new LoraOptions
        {
            Rank = 1,
            Alpha = 2,
            WeightDecomposed = true,
            TargetModules = ["q_proj"],
            Layers = [0],
        };
        using var adapter = LoraAdapter.Attach(model, "a", options, 1);
        var parts = adapter.ParameterRefs.ToDictionary(
            p => p.Name[(p.Name.LastIndexOf("lora_", StringComparison.Ordinal))..],
            p => p.Storage
        );
        foreach (var part in parts.Values)
            part.zero_();
        parts["lora_A.weight"][0, 1] = 1;
        parts["lora_B.weight"][0, 0] = 2;
        parts["lora_magnitude_vector"][0] = 10;
        parts["lora_magnitude_vector"][1] = 3;
        // Rows without a norm would divide zero by zero.
        parts["lora_magnitude_vector"][2..] = 1;
        target.WritableWeight()[2.., 0] = 1;
        var x = zeros(1, 1, 32);
        (x[0, 0, 0], x[0, 0, 1]) = (tensor(1f), tensor(10f));
        var output = target.Projection.forward(x)[0, 0];
        Assert.Equal(10.0 / 5 * (3 * 1 + 4 * 10) + 7, output[0].item<float>(), 1e-3);
        Assert.Equal(3.0 / 1 * 10 + 7, output[1].item<float>(), 1e-3);
        adapter.Merge();
        Assert.Equal(10.0 / 5 * 4, target.Weight()[0, 1].item<float>(), 1e-5);
        Assert.Equal(3, target.Weight()[1, 1].item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_of_a_model_with_a_merged_adapter_equals_it(bool decomposed)
    {
        using var model = NewModel(biases: false);
        var before = Logits(model);
        var adapter = Random(model, decomposed);
        adapter.Merge();
        var merged = Logits(model);
        using var copy = model.Clone();
        using var frozen = model.CloneFrozen();
        Assert.True(merged.eq(Logits(copy)).all().item<bool>());
        Assert.True(merged.eq(Logits(frozen)).all().item<bool>());
        var twin = (LoraAdapter)Assert.Single(copy.Attachments);
        Assert.False(twin.Active);
        twin.Merge();
        Assert.True(merged.eq(Logits(copy)).all().item<bool>(), "merged twice");
        adapter.Unmerge();
        adapter.Dispose();
        Assert.True(before.eq(Logits(model)).all().item<bool>());
        Assert.True(merged.eq(Logits(copy)).all().item<bool>(), "the copy is not independent");
        twin.Unmerge();
        Assert.True(twin.Active);
        GoldenModel.AssertClose(merged, Logits(copy), null, "unmerged copy", 1e-5);
        twin.Dispose();
        Assert.True(before.eq(Logits(copy)).all().item<bool>());
    }

    private static CausalLM NewModel(bool biases) =>
        new(DecoderConfig.TinyLlama(50, 32, 2, 4, 2, 64) with { QueryKeyValueBias = biases, MlpBias = biases }, 3);

    private static LoraAdapter Random(CausalLM model, bool decomposed)
    {
        var adapter = LoraAdapter.Attach(
            model,
            "a",
            new()
            {
                Rank = 3,
                Alpha = 5,
                WeightDecomposed = decomposed,
            },
            5
        );
        using var grad = no_grad();
        using var generator = new Generator(8);
        foreach (var parameter in adapter.ParameterRefs)
            parameter.Storage.add_(randn(parameter.Storage.shape, generator: generator) * 0.2);
        foreach (var bias in model.ParameterRefs.Where(p => p.Name.EndsWith(".bias", StringComparison.Ordinal)))
            bias.Value().copy_(randn(bias.Value().shape, generator: generator));
        return adapter;
    }

    private static Tensor Logits(CausalLM model)
    {
        using var grad = no_grad();
        return model.Forward(new() { TokenIds = tensor(new long[] { 1, 5, 9, 2, 30, 7 }, [1, 6]) }).Logits!;
    }

    private static double Distance(Tensor left, Tensor right) => (left - right).abs().max().item<float>();
}
