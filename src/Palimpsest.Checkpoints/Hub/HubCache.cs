namespace Palimpsest.Checkpoints;

/// <summary>One repository in the cache, laid out as Hugging Face's tools do: blobs by hash, links by commit.</summary>
internal sealed class HubCache
{
    private readonly string _folder;

    public HubCache(string cacheFolder, string repository)
    {
        var name = "models--" + repository.Replace("/", "--", StringComparison.Ordinal);
        _folder = Path.Combine(Path.GetFullPath(cacheFolder), name);
        LockFolder = Path.Combine(Path.GetFullPath(cacheFolder), ".locks", name);
    }

    /// <summary>Held while files are brought, so that two processes do not write one blob.</summary>
    public string LockFolder { get; }

    /// <summary>The folder of one commit, laid out as the repository is.</summary>
    public string Snapshot(string commit) => Path.Combine(_folder, "snapshots", commit);

    /// <summary>Where a file's bytes lie under their hash.</summary>
    public string Blob(HubFile file) => Path.Combine(_folder, "blobs", file.Hash);

    /// <summary>The commit that a revision last stood for, or null.</summary>
    public string? Commit(string revision)
    {
        if (HubNames.IsHash(revision, 20))
            return revision;
        var path = Reference(revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is var commit && HubNames.IsHash(commit, 20)
            ? commit
            : null;
    }

    /// <summary>Notes the commit that a revision stands for.</summary>
    public void Remember(string revision, string commit)
    {
        if (revision == commit)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Reference(revision))!);
        AtomicFile.WriteText(Reference(revision), commit);
    }

    /// <summary>Makes a blob appear under its name; where links are not allowed it is copied.</summary>
    public void Link(string commit, HubFile file)
    {
        var path = Path.Combine(Snapshot(commit), file.Name.Replace('/', Path.DirectorySeparatorChar));
        if (File.Exists(path))
            return;
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        File.Delete(path);
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(folder, Blob(file)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Copy(Blob(file), path);
        }
    }

    private string Reference(string revision) =>
        Path.Combine(_folder, "refs", revision.Replace('/', Path.DirectorySeparatorChar));
}
