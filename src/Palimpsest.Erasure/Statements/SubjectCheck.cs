namespace Palimpsest.Erasure;

/// <summary>A subject and what was compared with it.</summary>
/// <param name="Name">The subject's name.</param>
/// <param name="Sha256">The signed digest.</param>
/// <param name="Status">What was found.</param>
/// <param name="Path">What was compared; null when nothing was.</param>
public sealed record SubjectCheck(string Name, string Sha256, SubjectStatus Status, string? Path = null);
