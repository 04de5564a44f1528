using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

[Trait("Category", "Golden")]
public sealed class ModelFolderGoldenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => GoldenModel.Names;

    public static TheoryData<string, string> NamesAndConfigs => GoldenModel.NamesAndConfigs;

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(NamesAndConfigs))]
    public void Loading_and_saving_gives_the_files_that_were_there(string name, string configFile)
    {
        var source = CopyOf(name, configFile);
        using var model = ModelFolder.Load(source);
        ModelFolder.Save(model, _folder.File("saved"), TypeOf(source));
        foreach (var file in new[] { "config.json", "generation_config.json" })
        {
            var (expected, actual) = (
                File.ReadAllText(Path.Combine(source, file)),
                File.ReadAllText(_folder.File("saved", file))
            );
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
        }

        using var before = WeightFiles.Open(source);
        using var after = WeightFiles.Open(_folder.File("saved"));
        Assert.Equal(before.Names.Order(StringComparer.Ordinal), after.Names.Order(StringComparer.Ordinal));
        using var scope = NewDisposeScope();
        foreach (var tensor in before.Names)
        {
            Assert.Equal(before.Spec(tensor).Type, after.Spec(tensor).Type);
            Assert.True(before.Read(tensor).eq(after.Read(tensor)).all().item<bool>(), tensor);
        }

        if (before.Paths.Count == 1)
            Assert.Equal(File.ReadAllBytes(before.Paths[0]), File.ReadAllBytes(after.Paths[0]));
    }

    [Theory, MemberData(nameof(Names))]
    public void Saved_files_say_that_their_format_is_pt(string name)
    {
        using var model = ModelFolder.Load(CopyOf(name, "config.json"));
        ModelFolder.Save(model, _folder.File("saved"), maxShardBytes: 200_000);
        foreach (var file in Directory.GetFiles(_folder.File("saved"), "*.safetensors"))
        {
            using var weights = SafetensorsFile.Open(file);
            Assert.Equal("pt", weights.Metadata["format"]);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_model_split_over_files_is_bit_identical_when_loaded_again(string name)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = ModelFolder.Load(CopyOf(name, "config.json"));
        ModelFolder.Save(model, _folder.File("saved"), maxShardBytes: 100_000);
        using var index = JsonDocument.Parse(File.ReadAllText(_folder.File("saved", WeightFiles.IndexName)));
        Assert.Equal(
            model.ExpectedWeights.Sum(w => w.Shape.Aggregate(4L, (a, b) => a * b)),
            index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64()
        );
        Assert.All(
            Directory.GetFiles(_folder.File("saved"), "*.safetensors"),
            file =>
            {
                using var weights = SafetensorsFile.Open(file);
                Assert.True(weights.Names.Count == 1 || weights.Names.Sum(weights.ByteCount) <= 100_000, file);
            }
        );
        using var loaded = ModelFolder.Load(_folder.File("saved"));
        var ids = arange(1, 13).view(1, 12);
        var (expected, actual) = (
            model.Forward(new() { TokenIds = ids }).Logits!,
            loaded.Forward(new() { TokenIds = ids }).Logits!
        );
        Assert.True(expected.eq(actual).all().item<bool>());
        foreach (var (first, second) in model.ExportWeights().Zip(loaded.ExportWeights()))
            Assert.True(first.Value.eq(second.Value).all().item<bool>(), first.Name);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_changed_configuration_is_written_over_the_source_and_read_back(string name)
    {
        var source = CopyOf(
            name,
            File.Exists(Golden(name, "config.transformers5.json")) ? "config.transformers5.json" : "config.json"
        );
        var config = ModelFolder.ReadConfig(source) with { RopeTheta = 12345, MaxPositions = 99, EosTokenIds = [7, 8] };
        using var model = new CausalLM(config, seed: 1) { Source = ModelSource.Read(source) };
        ModelFolder.Save(model, _folder.File("saved"));
        var saved = ModelFolder.ReadConfig(_folder.File("saved"));
        Assert.Equal(99, saved.MaxPositions);
        Assert.Equal([7, 8], saved.EosTokenIds);
        if (!config.LearnedPositions)
            Assert.Equal(12345, saved.RopeTheta);
        Assert.Equal(ModelFamilies.Write(config).ToJsonString(), ModelFamilies.Write(saved).ToJsonString());
    }

    private static string Golden(string name, string file) => Path.Combine(GoldenFolder.Root, "models", name, file);

    private static ScalarType TypeOf(string folder)
    {
        using var weights = WeightFiles.Open(folder);
        return weights.Spec(weights.Names[0]).Type;
    }

    private string CopyOf(string name, string configFile)
    {
        var target = Directory.CreateDirectory(_folder.File("source")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(GoldenFolder.Root, "models", name), "model*"))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        foreach (
            var (from, to) in new[]
            {
                (configFile, "config.json"),
                ("generation_config.json", "generation_config.json"),
            }
        )
            File.Copy(Golden(name, from), Path.Combine(target, to), overwrite: true);
        return target;
    }
}
