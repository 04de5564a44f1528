using System.Text.Json;

namespace Palimpsest.Samples;

/// <summary>The run folder: its settings, and the results of its stages.</summary>
internal sealed class StageStore
{
    private readonly string _folder;
    private readonly StageFolder _stages;
    private readonly Action<string> _say;

    /// <summary>Opens a run folder; refuses one that other settings were used in.</summary>
    public StageStore(string folder, Settings settings, Action<string> say)
    {
        (_folder, _say) = (Path.GetFullPath(folder), say);
        _stages = new(FileOf("stages"));
        var text = JsonSerializer.Serialize(settings);
        if (File.Exists(FileOf("config.json")) && File.ReadAllText(FileOf("config.json")) != text)
            throw new InputException(
                $"{FileOf("config.json")}: was written with other settings; repeat them to resume, or name another "
                    + $"--run folder."
            );
        AtomicFile.WriteText(FileOf("config.json"), text);
    }

    /// <summary>Seconds of each stage, also of those made by an earlier process.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _stages.Seconds;

    /// <summary>The finished measurements of a stage that has parts.</summary>
    public StageFolder Within(string stage) => _stages.Within(stage);

    /// <summary>A path in the run folder.</summary>
    public string FileOf(params string[] parts) => Path.Combine([_folder, .. parts]);

    /// <summary>The stage's result: from its file, or made and written.</summary>
    public async Task<T> GetAsync<T>(string stage, Func<Task<T>> make)
    {
        var before = _stages.Has(stage);
        if (!before)
            _say($"{stage} ...");
        var value = await _stages.GetAsync(stage, make);
        _say(FormattableString.Invariant($"{stage}: {(before ? "done before, " : "")}{Seconds[stage]:f0} s"));
        return value;
    }
}
