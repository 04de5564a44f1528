using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Erasure;

/// <summary>What a verifier found of a certificate.</summary>
/// <param name="Holds">Whether signature, layout and everything that was given hold.</param>
/// <param name="Reason">One line: what differs, or what holds and by whose key.</param>
public sealed record CertificateCheck(bool Holds, string Reason)
{
    /// <summary>The SHA-256 of the public key that signed; null when the signature does not hold.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whether the key was one that the verifier was given; else the certificate itself brought it.</summary>
    public bool KeyWasGiven { get; init; }

    /// <summary>Name and version of the predicate; null when the signature does not hold.</summary>
    public string? PredicateType { get; init; }

    /// <summary>The subjects.</summary>
    public IReadOnlyList<SubjectCheck> Subjects { get; init; } = [];

    /// <summary>What the certificate says that it does not prove.</summary>
    public IReadOnlyList<string> NotProven { get; init; } = [];

    /// <summary>What is signed; nothing when the signature does not hold.</summary>
    [JsonIgnore]
    public JsonElement? Predicate { get; init; }
}
