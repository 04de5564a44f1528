namespace Palimpsest.Checkpoints;

/// <summary>The files of a repository at one commit.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Files">Every file.</param>
public sealed record HubSnapshot(string Commit, IReadOnlyList<HubFile> Files);
