namespace Palimpsest.Cli.Verbs;

/// <summary>A file of rows or facts that was written.</summary>
/// <param name="Path">Where.</param>
/// <param name="Rows">How many.</param>
internal sealed record WrittenFile(string Path, int Rows);
