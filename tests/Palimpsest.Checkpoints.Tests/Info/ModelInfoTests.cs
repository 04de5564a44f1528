using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class ModelInfoTests
{
    public static TheoryData<string> Models => GoldenModel.Names;

    public static TheoryData<string> Adapters => [.. GoldenFolder.Folders("peft")];

    [Theory, Trait("Category", "Golden"), MemberData(nameof(Models))]
    public void Numbers_and_bytes_are_those_of_the_files(string name)
    {
        var folder = Path.Combine(GoldenFolder.Root, "models", name);
        var info = ModelInfo.Read(folder);
        using var weights = WeightFiles.Open(folder);
        Assert.Equal(weights.Names.Sum(n => weights.Spec(n).Count), info.Parameters);
        Assert.Equal(weights.Names.Sum(n => weights.Spec(n).ByteCount), info.Types.Sum(t => t.Bytes));
        Assert.Equal(info.Parameters, info.Components.Sum(c => c.Parameters));
        Assert.Equal(
            Directory.GetFiles(folder, "model*.safetensors").Sum(f => new FileInfo(f).Length),
            info.Shards.Sum(s => s.Bytes)
        );
        Assert.Equal(4 * info.Parameters, info.Memory.Float32);
        if (info.Experts is null)
            Assert.Equal(info.Parameters, info.ActiveParameters);
    }

    [Fact]
    public void Experts_are_counted_whole_and_as_one_token_uses_them()
    {
        using var folder = new TemporaryFolder();
        using (
            var model = new CausalLM(
                DecoderConfig.TinyLlama(20, 8, 3, 2, 1, 12) with
                {
                    Family = "mixtral",
                    Experts = new()
                    {
                        Count = 5,
                        PerToken = 2,
                        IntermediateSize = 12,
                    },
                },
                seed: 1
            )
        )
            ModelFolder.Save(model, folder.Path);
        var info = ModelInfo.Read(folder.Path);
        Assert.Equal(new(5, 2, 3 * 5 * 3 * 8 * 12, 3 * 2 * 3 * 8 * 12), info.Experts);
        Assert.Equal(info.Parameters - 3 * 3 * 3 * 8 * 12, info.ActiveParameters);
    }

    [Fact]
    public void Tokenizer_facts_are_told()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = BpeTrainer.Train(["some text of some words"], new());
        tokenizer.Save(folder.Path);
        using (var model = new CausalLM(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 8, 1, 2, 1, 12), seed: 1))
            ModelFolder.Save(model, folder.Path);
        var info = ModelInfo.Read(folder.Path).Tokenizer!;
        Assert.Equal(
            ("BPE", tokenizer.VocabularySize, tokenizer.ChatTemplate is not null),
            (info.Kind, info.Size, info.HasChatTemplate)
        );
        Assert.Equal(tokenizer.SpecialTokens, info.SpecialTokens);
        File.Delete(folder.File("tokenizer.json"));
        Assert.Null(ModelInfo.Read(folder.Path).Tokenizer);
    }

    [Theory, Trait("Category", "Golden"), MemberData(nameof(Adapters))]
    public void An_adapter_tells_its_rank_targets_and_base(string kind)
    {
        var info = AdapterInfo.Read(GoldenFolder.TryGet("peft", kind)!);
        Assert.Equal((4, 8.0, "../../models/llama"), (info.Rank, info.Alpha, info.BaseModel));
        Assert.Equal(["down_proj", "q_proj", "v_proj"], info.Targets.Order(StringComparer.Ordinal));
        Assert.Equal(
            kind switch
            {
                "dora" => "DoRA",
                "rslora" => "rsLoRA",
                _ => "LoRA",
            },
            info.Kind
        );
        using var weights = SafetensorsFile.Open(Path.Combine(info.Folder, "adapter_model.safetensors"));
        Assert.Equal(weights.Names.Sum(weights.ByteCount) / 4, info.Parameters);
    }

    [Fact]
    public void An_unknown_family_is_named_with_all_that_are_known()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), "{\"model_type\": \"abacus\"}");
        var error = Assert.Throws<InputException>(() => ModelInfo.Read(folder.Path));
        Assert.Contains("'abacus'", error.Message, StringComparison.Ordinal);
        Assert.All(
            ModelFamilies.All,
            family => Assert.Contains(family.ModelType, error.Message, StringComparison.Ordinal)
        );
    }
}
