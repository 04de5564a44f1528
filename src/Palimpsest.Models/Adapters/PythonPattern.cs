using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Palimpsest.Models;

/// <summary>Regular expressions as Python's <c>re</c> spells them, which is how PEFT's files name modules.</summary>
internal static class PythonPattern
{
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);

    /// <summary>An expression for all of a text, as <c>re.fullmatch</c> takes it.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    public static Regex Whole(string pattern) => New($@"\A(?:{Translate(pattern)})\z");

    /// <summary>True where a pattern describes a path, or its end after a dot.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public static bool EndOf(string pattern, string path) =>
        New($@"\A(?:.*\.)?(?:{Translate(pattern)})\z").IsMatch(path);

    /// <summary>The number after the list of blocks that a pattern names, or null where the path has no such
    /// list.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public static int? LayerOf(string pattern, string path)
    {
        var match = New($@"\A.*?\.(?:{Translate(pattern)})\.(?<layer>[0-9]+)\.").Match(path);
        return match.Success && int.TryParse(match.Groups["layer"].Value, CultureInfo.InvariantCulture, out var layer)
            ? layer
            : null;
    }

    /// <summary>The pattern in .NET's spelling.</summary>
    /// <remarks>Named groups become plain ones and their names become numbers: .NET would count named groups last,
    /// Python counts them where they stand.</remarks>
    /// <exception cref="ArgumentException">A name is not that of a group before it.</exception>
    internal static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var (groups, classStart) = (0, -1);
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                result.Append(classStart < 0 && pattern[i + 1] == 'Z' ? @"\z" : pattern.Substring(i, 2));
                i++;
            }
            else if (classStart >= 0)
            {
                if (pattern[i] == ']' && !IsFirst(pattern, classStart, i))
                    classStart = -1;
                // A class within a class is .NET's own.
                result.Append(pattern[i] == '[' ? @"\[" : pattern[i].ToString());
            }
            else if (rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                names.Add(NameAt(pattern, i + 4, '>', out i), ++groups);
                result.Append('(');
            }
            else if (rest.StartsWith("(?P=", StringComparison.Ordinal))
            {
                result.Append(CultureInfo.InvariantCulture, $@"(?:\{Number(NameAt(pattern, i + 4, ')', out i))})");
            }
            else if (rest.StartsWith("(?(", StringComparison.Ordinal))
            {
                var name = NameAt(pattern, i + 3, ')', out i);
                result.Append(
                    CultureInfo.InvariantCulture,
                    $"(?({(int.TryParse(name, CultureInfo.InvariantCulture, out var n) ? n : Number(name))})"
                );
            }
            else
            {
                if (pattern[i] == '[')
                    classStart = i;
                if (pattern[i] == '(' && !rest.StartsWith("(?", StringComparison.Ordinal))
                    groups++;
                result.Append(pattern[i]);
            }
        }

        return result.ToString();

        int Number(string name) =>
            names.TryGetValue(name, out var number)
                ? number
                : throw new ArgumentException($"The pattern refers to a group '{name}' that it does not have before.");
    }

    // In Python a bracket that comes first in a class is one of its characters.
    private static bool IsFirst(string pattern, int classStart, int at) =>
        at == classStart + 1 || (at == classStart + 2 && pattern[classStart + 1] == '^');

    private static string NameAt(string pattern, int start, char end, out int at)
    {
        at = pattern.IndexOf(end, start);
        return at > start
            ? pattern[start..at]
            : throw new ArgumentException($"A group's name is not closed by '{end}'.", nameof(pattern));
    }

    private static Regex New(string pattern) => new(pattern, RegexOptions.CultureInvariant, MostTime);
}
