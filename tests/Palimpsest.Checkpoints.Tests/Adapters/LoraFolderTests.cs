using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class LoraFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. GoldenFolder.Folders("peft")];

    public void Dispose() => _folder.Dispose();

    [Theory, Trait("Category", "Golden"), MemberData(nameof(Kinds))]
    public void Loading_and_saving_gives_PEFT_s_files_byte_for_byte(string kind)
    {
        using var model = ModelFolder.Load(Golden("models", "llama"));
        using var adapter = LoraAdapter.Load(model, Golden("peft", kind));
        adapter.Save(_folder.Path);
        Assert.Equal(
            File.ReadAllBytes(Golden("peft", kind, "adapter_model.safetensors")),
            File.ReadAllBytes(_folder.File("adapter_model.safetensors"))
        );
        Assert.Equal(
            File.ReadAllText(Golden("peft", kind, "adapter_config.json")).Trim(),
            File.ReadAllText(_folder.File("adapter_config.json")).Trim()
        );
    }

    [Theory, Trait("Category", "Golden"), MemberData(nameof(Kinds))]
    public void A_new_adapter_of_the_same_settings_has_PEFT_s_keys_shapes_and_fields(string kind)
    {
        using var model = ModelFolder.Load(Golden("models", "llama"));
        LoraOptions options;
        using (var known = LoraAdapter.Load(model, Golden("peft", kind)))
            options = known.Options;
        using var adapter = LoraAdapter.Attach(model, "new", options, seed: 1);
        adapter.Save(_folder.Path);
        using var expected = SafetensorsFile.Open(Golden("peft", kind, "adapter_model.safetensors"));
        using var actual = SafetensorsFile.Open(_folder.File("adapter_model.safetensors"));
        Assert.Equal(expected.Names, actual.Names);
        Assert.Equal("pt", actual.Metadata["format"]);
        Assert.All(expected.Names, name => Assert.Equal(expected.Shape(name), actual.Shape(name)));
        var fields = JsonNode.Parse(File.ReadAllText(Golden("peft", kind, "adapter_config.json")))!.AsObject();
        foreach (
            var (field, value) in JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!.AsObject()
        )
        {
            Assert.True(fields.ContainsKey(field), field);
            if (field != "base_model_name_or_path")
                Assert.True(JsonNode.DeepEquals(fields[field], value), $"{field}: {value?.ToJsonString()}");
        }

        Assert.Equal(
            Golden("models", "llama"),
            JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))![
                "base_model_name_or_path"
            ]!.GetValue<string>()
        );
    }

    [Fact]
    public void Only_the_named_layers_are_adapted_and_the_file_says_so()
    {
        using var model = NewModel();
        using (var adapter = LoraAdapter.Attach(model, "a", new() { TargetModules = ["q_proj"], Layers = [1] }, 1))
        {
            Assert.All(adapter.ParameterRefs, parameter => Assert.Equal(1, parameter.Layer));
            adapter.Save(_folder.Path);
        }

        using var loaded = LoraAdapter.Load(model, _folder.Path);
        Assert.Equal([1], loaded.Options.Layers);
        Assert.Equal(2, loaded.ParameterRefs.Count);
        Assert.Throws<InputException>(() => LoraAdapter.Attach(model, "b", new() { Layers = [2] }, 1));
    }

    [Theory]
    [InlineData("lora_bias", "true")]
    [InlineData("use_qalora", "true")]
    [InlineData("layer_replication", "[[0, 1]]")]
    public void A_field_that_is_not_supported_is_named(string field, string value)
    {
        using var model = NewModel();
        using (var adapter = LoraAdapter.Attach(model, "a", new(), 1))
            adapter.Save(_folder.Path);
        var json = JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!;
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File("adapter_config.json"), json.ToJsonString());
        Assert.Contains(
            field,
            Assert.Throws<InputException>(() => LoraAdapter.Load(model, _folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_tensor_that_no_module_wants_is_named()
    {
        using var model = NewModel();
        using (var adapter = LoraAdapter.Attach(model, "a", new() { TargetModules = ["q_proj", "v_proj"] }, 1))
            adapter.Save(_folder.Path);
        var text = File.ReadAllText(_folder.File("adapter_config.json"))
            .Replace("\"q_proj\",", "", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("adapter_config.json"), text);
        var error = Assert.Throws<InputException>(() => LoraAdapter.Load(model, _folder.Path));
        Assert.Contains("q_proj.lora_A.weight", error.Message, StringComparison.Ordinal);
    }

    private static string Golden(params string[] parts) => Path.Combine([GoldenFolder.Root, .. parts]);

    private static CausalLM NewModel() => new(DecoderConfig.TinyLlama(50, 16, 2, 2, 1, 24), seed: 1);
}
