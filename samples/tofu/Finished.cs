namespace Palimpsest.Samples.Tofu;

/// <summary>What lets a run be repeated: a folder that exists is finished, and belongs to the settings that it
/// names.</summary>
internal static class Finished
{
    /// <summary>Notes the settings that a folder belongs to.</summary>
    /// <exception cref="InputException">It belongs to others.</exception>
    public static void Claim(string folder, string settings)
    {
        var path = Path.Combine(folder, "settings.txt");
        if (File.Exists(path) && File.ReadAllText(path) != settings)
            throw new InputException(
                $"{path}: is '{File.ReadAllText(path)}', not '{settings}'; name another --run folder or delete this "
                    + $"one."
            );
        AtomicFile.WriteText(path, settings);
    }
}
