using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>Names of the parts of a split GGUF model: NAME-00001-of-00003.gguf.</summary>
internal static partial class GgufParts
{
    /// <summary>Whether a name is that of a whole model or of the first part of one.</summary>
    public static bool IsFirst(string name) => Pattern().Match(name) is not { Success: true } part || Number(part) == 1;

    /// <summary>Whether two names are the same file or parts of the same model.</summary>
    public static bool AreOfOneModel(string one, string other)
    {
        if (one == other)
            return true;
        var (first, second) = (Pattern().Match(one), Pattern().Match(other));
        return first.Success
            && second.Success
            && first.Groups["model"].Value == second.Groups["model"].Value
            && first.Groups["count"].Value == second.Groups["count"].Value;
    }

    private static int Number(Match part) =>
        int.Parse(part.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<model>.+)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
