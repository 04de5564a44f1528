using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Foundation;

/// <summary>Results of the finished stages of a long job, one JSON file each: a stage whose file is there is not made
/// again.</summary>
/// <remarks>A folder belongs to one job with its settings and inputs; who opens it sees to that. Numbers come back bit
/// for bit.</remarks>
public sealed class StageFolder
{
    private const int MaxDepth = 32;

    private static readonly JsonSerializerOptions Json = new()
    {
        MaxDepth = MaxDepth,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly string? _path;

    /// <summary>Opens a folder; it is made with the first result.</summary>
    public StageFolder(string path)
        : this(path, new()) { }

    private StageFolder(string? path, Dictionary<string, double> seconds) => (_path, Seconds) = (path, seconds);

    /// <summary>Keeps nothing: every stage is made.</summary>
    public static StageFolder None { get; } = new(null, new());

    /// <summary>Seconds that each finished stage took, in whichever process it was made.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; }

    /// <summary>The stages of a part of the job.</summary>
    public StageFolder Within(string part) => _path is null ? this : new(Path.Combine(_path, part));

    /// <summary>True when the stage is finished.</summary>
    public bool Has(string stage) => _path is not null && File.Exists(FileOf(stage));

    /// <summary>The stage's result: from its file, or made and written.</summary>
    /// <param name="stage">Its name, a file name without an ending.</param>
    /// <param name="make">Makes it.</param>
    /// <typeparam name="T">A type that goes through JSON whole.</typeparam>
    /// <exception cref="InputException">The file is damaged, or cannot be written.</exception>
    public async Task<T> GetAsync<T>(string stage, Func<Task<T>> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (_path is null)
            return await make().ConfigureAwait(false);
        var path = FileOf(stage);
        Kept<T> kept;
        if (File.Exists(path))
        {
            kept = Read<T>(path);
        }
        else
        {
            var clock = Stopwatch.StartNew();
            var value = await make().ConfigureAwait(false);
            kept = new(clock.Elapsed.TotalSeconds, value);
            AtomicFile.WriteText(path, JsonSerializer.Serialize(kept, Json));
        }

        ((Dictionary<string, double>)Seconds)[stage] = kept.Seconds;
        return kept.Value;
    }

    private static Kept<T> Read<T>(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<Kept<T>>(stream, Json) ?? throw new JsonException("it is empty.");
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new InputException(
                $"{path}: is not a stage's result: {error.Message.ReplaceLineEndings(" ")} Delete it to make the stage "
                    + $"again.",
                error
            );
        }
    }

    private string FileOf(string stage) => Path.Combine(_path!, $"{stage}.json");

    private sealed record Kept<T>(double Seconds, T Value);
}
