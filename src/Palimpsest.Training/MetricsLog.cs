using System.Text.Json;

namespace Palimpsest.Training;

/// <summary>metrics.jsonl: one line per optimiser step, written as results are (<see cref="ResultJson"/>).</summary>
internal sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(ResultJson.Format) { WriteIndented = false };

    private readonly string _path;
    private readonly FileStream _stream;

    /// <summary>Opens the file and drops the lines of steps after <paramref name="step"/>, which will be taken
    /// again.</summary>
    public MetricsLog(string runFolder, int step)
    {
        _path = Path.Combine(runFolder, "metrics.jsonl");
        try
        {
            var kept = File.Exists(_path) ? File.ReadLines(_path).Take(step).ToArray() : [];
            AtomicFile.WriteText(_path, string.Concat(kept.Select(line => line + "\n")));
            _stream = new(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(error);
        }
    }

    /// <exception cref="InputException">The disk is full.</exception>
    public void Write(TrainProgress progress)
    {
        try
        {
            _stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(progress, Json), (byte)'\n']);
        }
        catch (IOException error)
        {
            throw CannotWrite(error);
        }
    }

    public void Dispose() => _stream.Dispose();

    private InputException CannotWrite(Exception error) => new($"{_path}: cannot be written: {error.Message}", error);
}
