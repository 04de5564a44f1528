using System.Buffers;

namespace Palimpsest.Erasure;

/// <summary>Something that a statement is about, by its digest.</summary>
/// <param name="Name">What it is to the statement, for example <c>model-after</c> or <c>report.json</c>: small letters,
/// digits, <c>.</c>, <c>_</c> and <c>-</c>, a letter or digit first. No name is a path.</param>
/// <param name="Sha256">SHA-256 of a file or of a folder's manifest, see <see cref="ContentHash"/>, in lower-case
/// hexadecimal.</param>
public sealed record StatementSubject(string Name, string Sha256)
{
    private const int LongestName = 100;
    private const int Digits = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>A text as a name: in small letters, with <c>-</c> for what names do not have.</summary>
    public static string NameOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var letters = text.ToLowerInvariant().Select(letter => Letters.Contains(letter) ? letter : '-');
        return string.Concat(letters).TrimStart('.', '_', '-');
    }

    /// <summary>What is wrong with the subject, in one sentence without its full stop; null when nothing is.</summary>
    internal string? Complaint()
    {
        if (Name.Length is 0 or > LongestName || Name.AsSpan().ContainsAnyExcept(Letters) || ".-_".Contains(Name[0]))
        {
            return $"the subject's name {JsonField.Shown(Name)} is not of small letters, digits, '.', '_' and '-', at "
                + $"most {LongestName}";
        }

        return Sha256.Length != Digits || Sha256.AsSpan().ContainsAnyExcept(Hexadecimal)
            ? $"the digest of '{Name}' is {JsonField.Shown(Sha256)}; needed are {Digits} hexadecimal digits in small "
                + "letters"
            : null;
    }
}
