using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Samples;

/// <summary>Results of the stages in the run folder; a stage whose file is there is not made again.</summary>
internal sealed class StageStore
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly string _folder;
    private readonly Action<string> _say;

    /// <summary>Opens a run folder; refuses one that other settings were used in.</summary>
    public StageStore(string folder, Settings settings, Action<string> say)
    {
        (_folder, _say) = (Path.GetFullPath(folder), say);
        var text = JsonSerializer.Serialize(settings, Json);
        if (File.Exists(FileOf("config.json")) && File.ReadAllText(FileOf("config.json")) != text)
            throw new InputException($"{FileOf("config.json")}: was written with other settings; repeat them to resume, or name another --run folder.");
        AtomicFile.WriteText(FileOf("config.json"), text);
    }

    /// <summary>Seconds of each stage, also of those made by an earlier process.</summary>
    public Dictionary<string, double> Seconds { get; } = [];

    /// <summary>A path in the run folder.</summary>
    public string FileOf(params string[] parts) => Path.Combine([_folder, .. parts]);

    /// <summary>The stage's result: from its file, or made and written.</summary>
    public async Task<T> GetAsync<T>(string stage, Func<Task<T>> make)
    {
        var path = FileOf($"{stage}.json");
        if (File.Exists(path))
        {
            var known = JsonSerializer.Deserialize<Kept<T>>(TextFile.Read(path), Json)
                ?? throw new InputException($"{path}: is empty; delete it to make the stage again.");
            Seconds[stage] = known.Seconds;
            _say($"{stage}: done before ({known.Seconds:f0} s)");
            return known.Value;
        }

        _say($"{stage} ...");
        var clock = Stopwatch.StartNew();
        var value = await make();
        Seconds[stage] = clock.Elapsed.TotalSeconds;
        AtomicFile.WriteText(path, JsonSerializer.Serialize(new Kept<T>(Seconds[stage], value), Json));
        _say(FormattableString.Invariant($"{stage}: {Seconds[stage]:f0} s"));
        return value;
    }

    private sealed record Kept<T>(double Seconds, T Value);
}
