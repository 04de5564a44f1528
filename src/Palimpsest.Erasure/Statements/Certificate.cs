using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Erasure;

/// <summary>A signed certificate: an in-toto statement in a DSSE envelope, whose predicate says who signed and what the
/// certificate does not prove.</summary>
public static class Certificate
{
    /// <summary>The predicate of an audit's certificate, version 1.</summary>
    public const string AuditPredicate = "urn:palimpsest:audit-certificate:v1";

    /// <summary>The file's name.</summary>
    public const string FileName = "certificate.json";

    internal const string SignerField = "signer";
    internal const string NotProvenField = "not_proven";
    internal const string SelfSigned = "self-signed";
    internal const string KeyFile = "key-file";

    /// <summary>Predicates that this version reads.</summary>
    internal static readonly IReadOnlyList<string> Known = [AuditPredicate];

    private static readonly string[] NeverProven =
    [
        "that its numbers were measured as it says: it proves that its holder's key signed exactly this text",
        "when it was signed: the time is the signing machine's own",
        "that models, data or reports at other places than those given to the verifier have these digests",
    ];

    private const string NotWho =
        "who signed: the key was made for this certificate, which brings it along, so that anyone could have made both";

    /// <summary>Signs a certificate.</summary>
    /// <param name="predicateType">Name and version of the predicate.</param>
    /// <param name="subjects">What it is about.</param>
    /// <param name="predicate">What it says; it has neither <c>signer</c> nor <c>not_proven</c>, which are added
    /// here.</param>
    /// <param name="notProven">What it does not prove beside what no certificate does, one sentence each without its
    /// full stop.</param>
    /// <param name="key">Signs.</param>
    /// <returns>The file's bytes.</returns>
    /// <exception cref="InputException">A subject has no allowed name or digest.</exception>
    public static byte[] Create(
        string predicateType,
        IReadOnlyList<StatementSubject> subjects,
        JsonObject predicate,
        IReadOnlyList<string> notProven,
        SigningKey key
    )
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentNullException.ThrowIfNull(key);
        var said = (JsonObject)predicate.DeepClone();
        said.Add(
            SignerField,
            new JsonObject
            {
                ["kind"] = key.IsSelfMade ? SelfSigned : KeyFile,
                ["key_id"] = key.Public.Id,
                ["public_key"] = key.Public.ToPem(),
            }
        );
        string[] missing = [.. key.IsSelfMade ? [NotWho] : Array.Empty<string>(), .. NeverProven, .. notProven];
        said.Add(NotProvenField, new JsonArray([.. missing.Select(text => (JsonNode)text)]));
        var statement = new InTotoStatement(predicateType, subjects, JsonSerializer.SerializeToElement(said));
        return DsseEnvelope.Sign(DsseEnvelope.InTotoType, statement.ToJson(), key).ToJson();
    }
}
