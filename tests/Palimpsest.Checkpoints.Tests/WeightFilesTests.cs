using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class WeightFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_single_file_is_read_beside_an_index_of_files_that_are_gone()
    {
        List<string> lines = [];
        void Hear(string line)
        {
            if (line.Contains("missing-shards", StringComparison.Ordinal))
                lines.Add(line);
        }

        Notices.Raised += Hear;
        try
        {
            using var model = ModelFolder.Load(GoldenFolder.Shipped("cases", "single-and-index", "missing-shards"));
            using var weights = SafetensorsFile.Open(
                GoldenFolder.Shipped("cases", "single-and-index", "missing-shards", "model.safetensors")
            );
            using var stored = weights.Read("lm_head.weight");
            Assert.True(model.HeadWeight.eq(stored).all().item<bool>());
        }
        finally
        {
            Notices.Raised -= Hear;
        }

        Assert.Contains("model-00001-of-00002.safetensors", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sets_of_weights_in_one_folder_are_refused()
    {
        var folder = GoldenFolder.Shipped("cases", "single-and-index", "old-shards");
        Refusal.Of(() => ModelFolder.Load(folder).Dispose(), folder, "model.safetensors", "index.json", "remove one");
    }

    [Fact]
    public void An_index_of_the_single_file_is_no_second_set()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
        ModelFolder.Save(model, _folder.Path);
        var map = new JsonObject(
            model.ExpectedWeights.Select(w => KeyValuePair.Create(w.Name, (JsonNode?)"model.safetensors"))
        );
        File.WriteAllText(
            _folder.File("model.safetensors.index.json"),
            new JsonObject { ["weight_map"] = map }.ToJsonString()
        );
        ModelFolder.Load(_folder.Path).Dispose();
    }

    [Fact]
    public void A_missing_shard_is_named_where_there_is_no_single_file()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
        ModelFolder.Save(model, _folder.Path, maxShardBytes: 4000);
        var shard = Directory.GetFiles(_folder.Path, "model-00002-of-*")[0];
        File.Delete(shard);
        Refusal.Of(() => ModelFolder.Load(_folder.Path).Dispose(), Path.GetFileName(shard), "is missing");
    }

    [Theory]
    [InlineData("lm_head.weight")]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("embed_tokens.weight")]
    public void A_tied_model_keeps_one_of_two_names(string kept)
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
        ModelFolder.Save(model, _folder.Path);
        Rename("model.embed_tokens.weight", kept);
        using (var read = ModelFolder.Load(_folder.Path))
        {
            foreach (var (mine, its) in model.ParameterRefs.Zip(read.ParameterRefs))
                Assert.True(mine.Value().eq(its.Value()).all().item<bool>(), mine.Name);
        }

        ModelConverter.Run(_folder.Path, _folder.File("copy"), new(), []);
        using var copy = SafetensorsFile.Open(_folder.File("copy", "model.safetensors"));
        Assert.Contains("model.embed_tokens.weight", copy.Names);
    }

    [Fact]
    public void A_tied_model_that_has_both_names_takes_the_embedding_and_an_untied_one_needs_both()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
        ModelFolder.Save(model, _folder.Path);
        Rename("", "", ("lm_head.weight", zeros(40, 16)));
        using (var read = ModelFolder.Load(_folder.Path))
            Assert.True(read.HeadWeight.eq(model.HeadWeight).all().item<bool>());
        Rename("model.embed_tokens.weight", null);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!;
        config["tie_word_embeddings"] = false;
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        Refusal.Of(() => ModelFolder.Load(_folder.Path).Dispose(), "model.embed_tokens.weight", "is missing");
    }

    private void Rename(string name, string? newName, params (string, Tensor)[] more)
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor)[] tensors;
        using (var file = SafetensorsFile.Open(_folder.File("model.safetensors")))
        {
            tensors =
            [
                .. file
                    .Names.Where(n => n != name || newName is not null)
                    .Select(n => (n == name ? newName! : n, file.Read(n)))
                    .Concat(more),
            ];
        }

        SafetensorsFile.Write(_folder.File("model.safetensors"), tensors);
    }
}
