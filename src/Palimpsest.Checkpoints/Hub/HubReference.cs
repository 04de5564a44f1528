using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>A model on a hub: ORG/NAME, ORG/NAME@REVISION, ORG/NAME:FILE.gguf, or both parts.</summary>
/// <param name="Repository">Organisation and name, "org/name".</param>
/// <param name="Revision">Branch, tag or commit; "main" where none is named.</param>
/// <param name="File">The one GGUF file that is meant, or null.</param>
public sealed partial record HubReference(string Repository, string Revision = "main", string? File = null)
{
    /// <summary>Reads a reference.</summary>
    /// <exception cref="InputException">The text is none.</exception>
    public static HubReference Parse(string text) =>
        TryParse(text, out var reference)
            ? reference
            : throw new InputException(
                $"'{text}' names no model on a hub; allowed are ORG/NAME, ORG/NAME@REVISION and ORG/NAME:FILE.gguf."
            );

    /// <summary>Reads a reference; false where the text is none, such as a path with two separators.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubReference? reference)
    {
        ArgumentNullException.ThrowIfNull(text);
        reference = null;
        var match = Pattern().Match(text);
        if (!match.Success || !HubNames.IsInside(match.Groups["repository"].Value))
            return false;
        var revision = match.Groups["revision"] is { Success: true } named ? named.Value : "main";
        var file = match.Groups["file"] is { Success: true } one ? one.Value : null;
        if (!HubNames.IsInside(revision) || (file is not null && !HubNames.IsInside(file)))
            return false;
        reference = new(match.Groups["repository"].Value, revision, file);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var revision = Revision == "main" ? "" : "@" + Revision;
        return Repository + revision + (File is null ? "" : ":" + File);
    }

    [GeneratedRegex(
        @"^(?<repository>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?<revision>[\w./-]+))?(:(?<file>[^:@]+\.gguf))?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Pattern();
}
