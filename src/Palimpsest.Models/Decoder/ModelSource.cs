namespace Palimpsest.Models;

/// <summary>Where a model came from: what its folder says beyond what the decoder needs, so that saving loses
/// nothing.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Config">The text of config.json.</param>
/// <param name="Generation">The text of generation_config.json, or null without one.</param>
public sealed record ModelSource(string Folder, string Config, string? Generation)
{
    /// <summary>Fingerprints of the adapters whose update is in the weights.</summary>
    public IReadOnlyList<string> MergedAdapters { get; init; } = [];

    internal const string ConfigName = "config.json";
    internal const string GenerationName = "generation_config.json";

    /// <summary>Reads a folder's files.</summary>
    /// <exception cref="InputException">The folder or config.json is missing, or a file is not JSON.</exception>
    internal static ModelSource Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: the model folder does not exist.");
        var generation = Path.Combine(folder, GenerationName);
        return new(folder, Text(Path.Combine(folder, ConfigName)), File.Exists(generation) ? Text(generation) : null);
    }

    private static string Text(string path)
    {
        using var document = JsonFile.Read(path);
        return document.RootElement.GetRawText();
    }
}
