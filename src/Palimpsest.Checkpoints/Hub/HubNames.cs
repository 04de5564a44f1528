using System.Buffers;

namespace Palimpsest.Checkpoints;

/// <summary>Names that a hub sends, before they become paths here.</summary>
internal static class HubNames
{
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>Whether a relative name with forward slashes stays in its folder on every platform.</summary>
    public static bool IsInside(string name) =>
        name.Length is > 0 and <= 512
        && !name.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
        && name.Split('/').All(part => part.Length > 0 && part.Trim(' ') == part && !part.EndsWith('.'));

    /// <summary>Whether a text is the hexadecimal form, in lower case, of so many bytes.</summary>
    public static bool IsHash(string text, int bytes) =>
        text.Length == 2 * bytes && !text.AsSpan().ContainsAnyExcept(Hexadecimal);
}
