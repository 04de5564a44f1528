namespace Palimpsest.Checkpoints;

/// <summary>One file of a repository.</summary>
/// <param name="Name">Its path in the repository, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Hash">
/// What its content must hash to: SHA-256 (64 digits) of files in large file storage, git's SHA-1 (40 digits) of
/// others.
/// It is also the file's name among the cache's blobs.
/// </param>
public sealed record HubFile(string Name, long Bytes, string Hash)
{
    /// <summary>Whether the file is in large file storage.</summary>
    public bool IsLarge => Hash.Length == 64;
}
