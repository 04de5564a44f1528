using System.Globalization;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>What was to be forgotten, as a certificate says it: by ids, by a commitment that gives nothing away, or
/// both.</summary>
/// <param name="Facts">Number of facts.</param>
/// <param name="Subjects">Number of people or things that they are about.</param>
/// <param name="Ids">Ids of the facts; null when they are not to be listed.</param>
/// <param name="Commitment">Salted SHA-256 of the facts in hexadecimal; null without a salt.</param>
public sealed record ForgottenFacts(int Facts, int Subjects, IReadOnlyList<string>? Ids, string? Commitment)
{
    /// <summary>Describes the forget facts of an audit.</summary>
    /// <param name="forget">The facts.</param>
    /// <param name="provenance">Gives the salt, and whether ids are listed.</param>
    public static ForgottenFacts Describe(IReadOnlyList<Fact> forget, AuditProvenance provenance)
    {
        ArgumentNullException.ThrowIfNull(forget);
        ArgumentNullException.ThrowIfNull(provenance);
        return new(
            forget.Count,
            forget.Select(fact => fact.Subject).Distinct(StringComparer.Ordinal).Count(),
            provenance.ListsIds ? [.. forget.Select(fact => fact.Id)] : null,
            provenance.CommitmentSalt is { } salt ? Commit(salt, forget) : null
        );
    }

    /// <summary>SHA-256 in hexadecimal of the salt and, sorted, of one JSON array [id, question, answer] a line, all in
    /// UTF-8 and ended by a line feed.</summary>
    /// <remarks>The arrays have no spaces between their parts; quotes, backslashes and control characters alone are
    /// escaped, so that anyone can write the same lines.</remarks>
    /// <param name="salt">Secret text.</param>
    /// <param name="facts">The facts, in any order.</param>
    public static string Commit(string salt, IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(salt);
        var lines = facts
            .Select(fact => $"[{Json(fact.Id)},{Json(fact.Question)},{Json(fact.Answer)}]")
            .Order(StringComparer.Ordinal)
            .Prepend(salt);
        return ContentHash.OfText(string.Concat(lines.Select(line => line + "\n")));
    }

    // As Python's json.dumps with ensure_ascii=False; System.Text.Json escapes characters above U+FFFF always.
    private static string Json(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' or '\\' => json.Append('\\').Append(character),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        return json.Append('"').ToString();
    }
}
