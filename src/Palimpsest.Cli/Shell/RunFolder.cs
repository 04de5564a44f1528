using System.Text.Json;

namespace Palimpsest.Cli;

/// <summary>The folder that one command writes into: config.json, metrics.jsonl, checkpoints, report.</summary>
public sealed class RunFolder
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private RunFolder(string path) => FullPath = path;

    /// <summary>Its absolute path.</summary>
    public string FullPath { get; }

    /// <summary>Opens the folder that the user named, or makes <c>runs/&lt;time&gt;-&lt;verb&gt;/</c>.</summary>
    /// <param name="named">A folder to use or to resume; null makes a new one.</param>
    /// <param name="verb">The command's name.</param>
    /// <param name="clock">Gives the time in the name.</param>
    /// <exception cref="InputException">The folder cannot be made.</exception>
    public static RunFolder Open(string? named, string verb, TimeProvider clock)
    {
        var path = Path.GetFullPath(named ?? Path.Combine("runs", $"{clock.GetLocalNow():yyyyMMdd-HHmmss}-{verb}"));
        for (var copy = 2; named is null && Directory.Exists(path); copy++)
            path = Path.GetFullPath(Path.Combine("runs", $"{clock.GetLocalNow():yyyyMMdd-HHmmss}-{verb}-{copy}"));
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: the run folder cannot be made: {error.Message}", error);
        }

        return new(path);
    }

    /// <summary>A path below the folder.</summary>
    public string File(params string[] parts) => Path.Combine([FullPath, .. parts]);

    /// <summary>Writes every resolved option to config.json; on resume refuses options that changed.</summary>
    /// <exception cref="InputException">config.json holds other options.</exception>
    public void WriteConfig(IReadOnlyDictionary<string, object?> options)
    {
        var text = JsonSerializer.Serialize(options, Json);
        var path = File("config.json");
        if (System.IO.File.Exists(path) && System.IO.File.ReadAllText(path) != text)
        {
            throw new InputException(
                $"{path}: was written with other options; repeat them to resume, or name another --run folder.");
        }

        AtomicFile.WriteText(path, text);
    }
}
