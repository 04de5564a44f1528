using System.Globalization;
using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>The name of one part of a split GGUF model: NAME-00001-of-00003.gguf.</summary>
/// <param name="Model">What comes before the number, folders included.</param>
/// <param name="Number">The part, from 0.</param>
/// <param name="Count">Parts in all.</param>
internal readonly partial record struct GgufPartName(string Model, int Number, int Count)
{
    /// <summary>How the name ends.</summary>
    public string Ending => string.Create(CultureInfo.InvariantCulture, $"-{Number + 1:d5}-of-{Count:d5}.gguf");

    /// <summary>Reads a name or a path; null for one that is not of this form.</summary>
    public static GgufPartName? Parse(string name)
    {
        var match = Pattern().Match(name);
        return match.Success
            ? new(match.Groups["model"].Value, Digits(match, "number") - 1, Digits(match, "count"))
            : null;
    }

    /// <summary>Whether two names are the same file or parts of the same model.</summary>
    public static bool AreOfOneModel(string one, string other) =>
        one == other
        || (Parse(one) is { } first && Parse(other) is { } second && first == second with { Number = first.Number });

    /// <inheritdoc/>
    public override string ToString() => Model + Ending;

    private static int Digits(Match match, string group) =>
        int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<model>.+)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}
