namespace Palimpsest.Foundation;

/// <summary>A line of a folder's manifest.</summary>
/// <param name="Name">The file's name relative to the folder, parts joined by <c>/</c>.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in lower-case hexadecimal.</param>
public sealed record FileHash(string Name, string Sha256)
{
    /// <summary>The line as <c>sha256sum</c> prints it; names with a line break or a backslash are escaped as it does
    /// that.</summary>
    public override string ToString()
    {
        var escaped = Name.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal);
        return escaped == Name ? $"{Sha256}  {Name}" : $"\\{Sha256}  {escaped}";
    }
}
