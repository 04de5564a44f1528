using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class ModelConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Adapters => [.. GoldenFolder.Folders("peft")];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float16, "float16")]
    [InlineData(ScalarType.BFloat16, "bfloat16")]
    public void Every_tensor_is_stored_in_the_type_that_is_asked_for(ScalarType type, string name)
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
        ModelConverter.Run(Saved(model), _folder.File("out"), new() { Type = type, MaxShardBytes = 4000 }, []);
        using var weights = WeightFiles.Open(_folder.File("out"));
        Assert.True(weights.Paths.Count > 1);
        foreach (var (tensor, value) in model.ExportWeights())
        {
            Assert.Equal(type, weights.Spec(tensor).Type);
            Assert.True(weights.Read(tensor).eq(value.to(type)).all().item<bool>(), tensor);
        }

        using var config = JsonDocument.Parse(File.ReadAllText(_folder.File("out", "config.json")));
        Assert.Equal(name, config.RootElement.GetProperty("torch_dtype").GetString());
    }

    [Fact]
    public void Without_options_the_weights_and_the_files_beside_them_are_copied_byte_for_byte()
    {
        using var model = NewModel();
        var source = Saved(model);
        File.WriteAllText(
            Path.Combine(source, "generation_config.json"),
            "{\"temperature\": 0.7, \"my_field\": [1, 2]}"
        );
        File.WriteAllText(Path.Combine(source, "chat_template.jinja"), "{{ messages }}");
        ModelConverter.Run(source, _folder.File("out"), new(), []);
        foreach (
            var file in new[] { "model.safetensors", "config.json", "generation_config.json", "chat_template.jinja" }
        )
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, file)), File.ReadAllBytes(_folder.File("out", file)));
    }

    [Theory, Trait("Category", "Golden"), MemberData(nameof(Adapters))]
    public void A_merged_adapter_gives_the_merged_logits_of_PEFT(string kind)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var folder = GoldenFolder.TryGet("peft", kind)!;
        ModelConverter.Run(Path.Combine(GoldenFolder.Root, "models", "llama"), _folder.File("out"), new(), [folder]);
        using var merged = ModelFolder.Load(_folder.File("out"));
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        GoldenModel.AssertClose(
            reference.Read("merged_logits"),
            merged.Forward(new() { TokenIds = reference.Read("input_ids") }).Logits!,
            null,
            "merged logits"
        );
    }

    [Theory]
    [InlineData("gpt2", "c_attn", "")]
    [InlineData("llama", "q_proj", "")]
    [InlineData("llama", "down_proj", "lm_head")]
    public void Several_adapters_are_merged_as_the_model_itself_would_merge_them(
        string family,
        string target,
        string whole
    )
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = NewModel(family);
        var source = Saved(model);
        string[] folders = [_folder.File("adapter-1"), _folder.File("adapter-2")];
        for (var i = 0; i < folders.Length; i++)
        {
            var adapter = LoraAdapter.Attach(
                model,
                $"a{i}",
                new()
                {
                    Rank = 2,
                    TargetModules = [target],
                    ModulesToSave = i == 1 && whole.Length > 0 ? [whole] : [],
                },
                (ulong)i
            );
            foreach (var parameter in adapter.ParameterRefs)
                parameter.Storage.add_(0.1f);
            adapter.Save(folders[i]);
        }

        ModelConverter.Run(source, _folder.File("out"), new(), folders);
        using var converted = ModelFolder.Load(_folder.File("out"));
        var ids = arange(1, 9).view(1, 8);
        GoldenModel.AssertClose(
            model.Forward(new() { TokenIds = ids }).Logits!,
            converted.Forward(new() { TokenIds = ids }).Logits!,
            null,
            "logits"
        );
        Assert.Equal(whole.Length == 0, converted.Config.TiedHead);
    }

    [Fact]
    public void A_number_that_the_type_cannot_hold_is_refused_with_its_tensor()
    {
        using var model = NewModel();
        using (no_grad())
            model.ParameterRefs[3].Value().fill_(1e6f);
        var error = Assert.Throws<InputException>(() =>
            ModelConverter.Run(Saved(model), _folder.File("out"), new() { Type = ScalarType.Float16 }, [])
        );
        Assert.Contains(model.ParameterRefs[3].Name, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void Files_of_an_older_split_go_and_files_of_others_stay()
    {
        using var model = NewModel();
        var source = Saved(model);
        ModelConverter.Run(source, _folder.File("out"), new() { MaxShardBytes = 3000 }, []);
        File.WriteAllText(_folder.File("out", "model-mine.safetensors"), "mine");
        ModelConverter.Run(source, _folder.File("out"), new(), []);
        Assert.Equal(
            ["model-mine.safetensors", "model.safetensors"],
            Directory.GetFiles(_folder.File("out"), "*.safetensors*").Select(f => Path.GetFileName(f)).Order()
        );
    }

    [Fact]
    public void The_folder_that_is_read_is_not_written()
    {
        using var model = NewModel();
        var source = Saved(model);
        Assert.Throws<InputException>(() => ModelConverter.Run(source, source + "/", new(), []));
    }

    [Fact]
    public void A_vocabulary_that_does_not_fit_the_embedding_is_named_with_both_sizes()
    {
        using var model = NewModel();
        var source = Saved(model);
        var config = File.ReadAllText(Path.Combine(source, "config.json"))
            .Replace("\"vocab_size\": 50", "\"vocab_size\": 60", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(source, "config.json"), config);
        var error = Assert.Throws<InputException>(() => ModelFolder.Load(source));
        Assert.Contains("[50, 16]; the model needs [60, 16]", error.Message, StringComparison.Ordinal);
    }

    private static CausalLM NewModel(string family = "llama") =>
        new(
            family == "llama"
                ? DecoderConfig.TinyLlama(50, 16, 2, 2, 1, 24)
                : new()
                {
                    Family = "gpt2",
                    VocabularySize = 50,
                    HiddenSize = 16,
                    IntermediateSize = 64,
                    Layers = 2,
                    Heads = 2,
                    KeyValueHeads = 2,
                    HeadSize = 8,
                    MaxPositions = 16,
                    TiedHead = true,
                    GatedMlp = false,
                    Activation = Activation.GeluTanh,
                    Norm = NormKind.Layer,
                    LearnedPositions = true,
                    QueryKeyValueBias = true,
                    AttentionOutputBias = true,
                    MlpBias = true,
                },
            seed: 4
        );

    private string Saved(CausalLM model)
    {
        ModelFolder.Save(model, _folder.File("source"));
        return _folder.File("source");
    }
}
