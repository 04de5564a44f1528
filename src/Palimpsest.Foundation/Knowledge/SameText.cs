using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>Tells whether two texts are the same to a reader.</summary>
internal static partial class SameText
{
    /// <summary>Equal for texts that differ in spaces or case alone.</summary>
    public static string Key(string text) => Spaces().Replace(text, " ").Trim().ToUpperInvariant();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
