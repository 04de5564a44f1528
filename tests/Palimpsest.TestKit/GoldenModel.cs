using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>A folder of reference values with the model they belong to.</summary>
public sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile _reference;

    public GoldenModel(string name, string configFile = "config.json")
    {
        Folder = Path.Combine(GoldenFolder.Root, "models", name);
        Json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "reference.json"))).RootElement;
        // This reference was computed after casting the whole module to bfloat16 and back, its rotary buffer included.
        var cast =
            Json.TryGetProperty("note", out var note)
            && note.GetString()!.Contains("bfloat16 on disk", StringComparison.Ordinal);
        Config = ReadConfig(name, configFile) with { RoundsRotaryFrequencies = cast };
        Model = CausalLM.WithoutWeights(Config);
        foreach (var file in Directory.GetFiles(Folder, "model*.safetensors"))
        {
            using var weights = SafetensorsFile.Open(file);
            foreach (var weight in weights.Names)
            {
                using var value = weights.Read(weight);
                Model.ImportWeight(weight, value);
            }
        }

        _reference = SafetensorsFile.Open(Path.Combine(Folder, "reference.safetensors"));
    }

    /// <summary>Every folder with reference values.</summary>
    public static TheoryData<string> Names => [.. GoldenFolder.Folders("models")];

    /// <summary>The same, each with config.json in the older spelling and, where it is there, in the newer.</summary>
    public static TheoryData<string, string> NamesAndConfigs =>
        [
            .. GoldenFolder
                .Folders("models")
                .SelectMany(name => new[] { "config.json", "config.transformers5.json" }.Select(file => (name, file)))
                .Where(row => GoldenFolder.TryGet("models", row.name, row.file) is not null),
        ];

    public string Folder { get; }

    public DecoderConfig Config { get; }

    public CausalLM Model { get; }

    public JsonElement Json { get; }

    public static DecoderConfig ReadConfig(string name, string file = "config.json")
    {
        var path = Path.Combine(GoldenFolder.Root, "models", name, file);
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return ModelFamilies.Read(json.RootElement, file);
    }

    public bool Has(string tensor) => _reference.Names.Contains(tensor);

    public Tensor Read(string tensor) => _reference.Read(tensor);

    public ForwardInput Input() =>
        new()
        {
            TokenIds = Read("input_ids"),
            AttentionMask = Read("attention_mask"),
            Positions = Read("position_ids"),
        };

    /// <summary>Fails unless |actual − expected| ≤ 1e-4 · max(1, |expected|) wherever <paramref name="real"/> is
    /// true.</summary>
    public static void AssertClose(Tensor expected, Tensor actual, Tensor? real, string what, double tolerance = 1e-4)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape), $"{what}: [{string.Join(",", actual.shape)}]");
        var error = (actual - expected).abs() / expected.abs().clamp(min: 1);
        if (real is not null)
            error = error[real.to(ScalarType.Bool)];
        Assert.True(error.isfinite().all().item<bool>(), $"{what}: not finite");
        var worst = error.max().item<float>();
        Assert.True(worst <= tolerance, $"{what}: off by {worst:g3}");
    }

    public void Dispose()
    {
        Model.Dispose();
        _reference.Dispose();
    }
}
