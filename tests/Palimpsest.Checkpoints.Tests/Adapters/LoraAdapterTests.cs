using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class LoraAdapterTests
{
    public static TheoryData<string> Kinds => [.. GoldenFolder.Folders("peft")];

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Kinds))]
    public void Logits_merged_logits_and_gradients_equal_those_of_PEFT(string kind)
    {
        using var scope = NewDisposeScope();
        var folder = GoldenFolder.TryGet("peft", kind)!;
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")));
        using var model = ModelFolder.Load(
            Path.Combine(folder, config.RootElement.GetProperty("base_model_name_or_path").GetString()!)
        );
        using var adapter = LoraAdapter.Load(model, folder);
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        var ids = reference.Read("input_ids");
        var logits = model.Forward(new() { TokenIds = ids }).Logits!;
        GoldenModel.AssertClose(reference.Read("logits"), logits, null, "logits");
        var loss = nn.functional.cross_entropy(
            logits.narrow(1, 0, logits.shape[1] - 1).flatten(0, 1),
            ids.narrow(1, 1, ids.shape[1] - 1).flatten()
        );
        Assert.Equal(json.RootElement.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-4);
        loss.backward();
        var norms = adapter.ParameterRefs.ToDictionary(
            p => PeftName(p.Name),
            p => (double)p.Storage.grad!.norm().item<float>()
        );
        foreach (var norm in json.RootElement.GetProperty("gradient_norms").EnumerateObject())
            Assert.Equal(norm.Value.GetDouble(), norms[norm.Name], 1e-4);
        var weights = model.ExportWeights().Select(w => w.Value.clone()).ToArray();
        adapter.Merge();
        GoldenModel.AssertClose(
            reference.Read("merged_logits"),
            model.Forward(new() { TokenIds = ids }).Logits!,
            null,
            "merged logits"
        );
        adapter.Unmerge();
        Assert.All(
            model.ExportWeights().Zip(weights),
            pair => Assert.True(pair.First.Value.eq(pair.Second).all().item<bool>())
        );
    }

    [Fact]
    public void A_new_adapter_changes_nothing_and_survives_saving_after_training_a_step()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(50, 32, 2, 4, 2, 64), 1);
        using var folder = new TemporaryFolder();
        var ids = tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5]);
        var before = model.Forward(new() { TokenIds = ids }).Logits!;
        var adapter = LoraAdapter.Attach(model, "a", new() { Rank = 4 }, 7);
        Assert.True(before.eq(model.Forward(new() { TokenIds = ids }).Logits!).all().item<bool>());
        using (no_grad())
        {
            foreach (var parameter in adapter.ParameterRefs)
                parameter.Storage.add_(0.05f);
        }

        var changed = model.Forward(new() { TokenIds = ids }).Logits!;
        using var clone = model.Clone();
        using var frozen = model.CloneFrozen();
        adapter.Save(folder.Path);
        adapter.Active = false;
        Assert.True(before.eq(model.Forward(new() { TokenIds = ids }).Logits!).all().item<bool>());
        adapter.Dispose();
        using var loaded = LoraAdapter.Load(model, folder.Path);
        Assert.True(changed.eq(model.Forward(new() { TokenIds = ids }).Logits!).all().item<bool>());
        Assert.True(changed.eq(clone.Forward(new() { TokenIds = ids }).Logits!).all().item<bool>());
        GoldenModel.AssertClose(changed, frozen.Forward(new() { TokenIds = ids }).Logits!, null, "merged copy");
    }

    [Fact]
    public void Two_active_adapters_add_up()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(50, 32, 1, 4, 2, 64), 1);
        var ids = tensor(new long[] { 1, 2, 3 }, [1, 3]);
        var adapters = new[] { 3UL, 4UL }
            .Select(seed => LoraAdapter.Attach(model, $"a{seed}", new() { Rank = 2, TargetModules = ["q_proj"] }, seed))
            .ToArray();
        using var grad = no_grad();
        foreach (var adapter in adapters)
            adapter.ParameterRefs[1].Storage.add_(0.1f);
        var both = model.Projections.First(p => p.Name == "q_proj").Projection.Materialize();
        adapters[0].Active = false;
        var second = model.Projections.First(p => p.Name == "q_proj").Projection.Materialize();
        adapters[1].Active = false;
        var none = model.Projections.First(p => p.Name == "q_proj").Projection.Materialize();
        (adapters[0].Active, adapters[1].Active) = (true, false);
        var first = model.Projections.First(p => p.Name == "q_proj").Projection.Materialize();
        GoldenModel.AssertClose(first + second - none, both, null, "sum of adapters", 1e-6);
    }

    [Fact]
    public void An_unknown_target_is_named_with_the_known_ones()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(50, 32, 1, 4, 2, 64), 1);
        var error = Assert.Throws<InputException>(() =>
            LoraAdapter.Attach(model, "a", new() { TargetModules = ["c_attn"] }, 1)
        );
        Assert.Contains("q_proj", error.Message, StringComparison.Ordinal);
    }

    private static string PeftName(string name)
    {
        if (!name.Contains("lora_", StringComparison.Ordinal))
            return name.Replace(".weight", ".modules_to_save.default.weight", StringComparison.Ordinal);
        return name.EndsWith("magnitude_vector", StringComparison.Ordinal)
            ? name + ".default.weight"
            : name.Replace(".weight", ".default.weight", StringComparison.Ordinal);
    }
}
