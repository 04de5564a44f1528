using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Cli;

/// <summary>The folder that one command writes into: config.json, metrics.jsonl, checkpoints, report.</summary>
public sealed class RunFolder
{
    private const string ConfigName = "config.json";
    private const string Inputs = "inputs";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private RunFolder(string path) => FullPath = path;

    /// <summary>Its absolute path.</summary>
    public string FullPath { get; }

    /// <summary>What a result's record calls the run folder of that path.</summary>
    public static string IdOf(string path) =>
        ContentHash.OfText(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))[..16];

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

    /// <summary>Runs work that leaves checkpoints or stages here; when it is cancelled, says how to go on.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the message has the folder.</exception>
    public async Task<T> ResumableAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException error)
        {
            throw new OperationCanceledException(
                $"the same command with --run {FullPath} goes on where it stopped.",
                error,
                error.CancellationToken
            );
        }
    }

    /// <summary>What the run has finished so far; options and inputs are those of config.json, which refuses
    /// others.</summary>
    public StageFolder Stages => new(File("stages"));

    /// <summary>A path below the folder.</summary>
    public string File(params string[] parts) => Path.Combine([FullPath, .. parts]);

    /// <summary>Writes every resolved option to config.json; on resume refuses options and inputs that
    /// changed.</summary>
    /// <exception cref="InputException">config.json holds another option or input; the message has the
    /// first.</exception>
    public void WriteConfig(ParseResult parsed)
    {
        var options = ResolvedOptions.Of(parsed, FullPath);
        RequireSame(File(ConfigName), options);
        AtomicFile.WriteText(File(ConfigName), options.ToJsonString(Json));
    }

    /// <summary>Refuses to resume a run with other options or inputs than it began with; a folder without a record is
    /// none.</summary>
    /// <exception cref="InputException">An option or a file is another; the message has the first.</exception>
    internal static void RequireSame(string folder, ParseResult parsed)
    {
        var path = Path.Combine(Path.GetFullPath(folder), ConfigName);
        if (System.IO.File.Exists(path))
            RequireSame(path, ResolvedOptions.Of(parsed, folder));
    }

    private static void RequireSame(string path, JsonObject options)
    {
        if (System.IO.File.Exists(path) && Difference(Read(path), options) is { } difference)
            throw new InputException(
                $"{path}: {difference}; repeat the same command to resume, or name another --run folder."
            );
    }

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(path)) as JsonObject
                ?? throw new JsonException("it is no object.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{path}: cannot be read as JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static string? Difference(JsonObject old, JsonObject now)
    {
        foreach (var name in old.Select(p => p.Key).Union(now.Select(p => p.Key)).Where(name => name != Inputs))
        {
            var (before, after) = (old[name], now[name]);
            if (!JsonNode.DeepEquals(before, after))
                return $"{name} was {before?.ToJsonString() ?? "not there"} and is now "
                    + $"{after?.ToJsonString() ?? "not there"}";
        }

        return ChangedInput(old[Inputs] as JsonObject ?? [], now[Inputs] as JsonObject ?? []);
    }

    private static string? ChangedInput(JsonObject old, JsonObject now)
    {
        // A single file that was not there at first was written by the run.
        foreach (var (path, before) in old)
        {
            if (before is not JsonObject folder)
            {
                if (!JsonNode.DeepEquals(before, now[path]))
                    return $"input {path} has changed since";
                continue;
            }

            var files = now[path] as JsonObject ?? [];
            foreach (var name in folder.Select(f => f.Key).Union(files.Select(f => f.Key)))
            {
                if (!JsonNode.DeepEquals(folder[name], files[name]))
                    return $"input {Path.Combine(path, name)} has changed since";
            }
        }

        return null;
    }
}
