using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Training;

/// <summary>metrics.jsonl: one line per optimiser step.</summary>
internal sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly StreamWriter _writer;

    /// <summary>Opens the file and drops the lines of steps after <paramref name="step"/>, which will be taken again.</summary>
    public MetricsLog(string runFolder, int step)
    {
        Directory.CreateDirectory(runFolder);
        var path = Path.Combine(runFolder, "metrics.jsonl");
        var kept = File.Exists(path) ? File.ReadLines(path).Take(step).ToArray() : [];
        AtomicFile.WriteText(path, string.Concat(kept.Select(line => line + "\n")));
        _writer = new(path, append: true) { AutoFlush = true };
    }

    public void Write(TrainProgress progress) => _writer.WriteLine(JsonSerializer.Serialize(progress, Json));

    public void Dispose() => _writer.Dispose();
}
