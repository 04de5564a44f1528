namespace Palimpsest.Models.Tests;

/// <summary>Which weights train beside adapters, and after them.</summary>
public sealed class FreezingTests : IDisposable
{
    private const string Frozen = "model.layers.0.input_layernorm.weight";

    private readonly CausalLM _model = new(TinyFamilies.All["llama"], seed: 3);

    public FreezingTests() => Storage(_model, Frozen).requires_grad_(false);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void The_base_is_frozen_until_the_last_of_several_adapters_goes_and_then_as_it_was()
    {
        var first = LoraAdapter.Attach(_model, "first", new() { Rank = 2 }, seed: 1);
        var second = LoraAdapter.Attach(_model, "second", new() { Rank = 2 }, seed: 2);
        first.Dispose();
        Assert.DoesNotContain(_model.parameters(), p => p.requires_grad);
        second.Dispose();
        AssertAsBefore(_model);
        second.Dispose();
        AssertAsBefore(_model);
    }

    [Fact]
    public void The_base_of_a_copy_is_as_the_original_s_was_when_the_copied_adapter_goes()
    {
        using var adapter = LoraAdapter.Attach(_model, "first", new() { Rank = 2 }, seed: 1);
        using var copy = _model.Clone();
        Assert.DoesNotContain(copy.parameters(), p => p.requires_grad);
        copy.Attachments.Single().Dispose();
        AssertAsBefore(copy);
        Assert.DoesNotContain(_model.parameters(), p => p.requires_grad);
    }

    [Fact]
    public void A_model_takes_its_adapters_with_it_and_they_may_be_disposed_again()
    {
        var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        var adapter = LoraAdapter.Attach(model, "first", new() { Rank = 2 }, seed: 1);
        var factors = adapter.ParameterRefs.Select(p => p.Storage).ToArray();
        model.Dispose();
        Assert.Empty(model.Attachments);
        Assert.All(factors, factor => Assert.True(factor.IsInvalid));
        adapter.Dispose();
    }

    private static void AssertAsBefore(CausalLM model)
    {
        Assert.False(Storage(model, Frozen).requires_grad);
        Assert.Equal(model.parameters().Count() - 1, model.parameters().Count(p => p.requires_grad));
    }

    private static TorchSharp.Modules.Parameter Storage(CausalLM model, string name) =>
        model.ParameterRefs.Single(p => p.Name == name).Storage;
}
