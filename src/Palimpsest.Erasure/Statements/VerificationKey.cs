using System.Security.Cryptography;

namespace Palimpsest.Erasure;

/// <summary>A public key, ECDSA on P-256.</summary>
public sealed class VerificationKey : IDisposable
{
    private readonly ECDsa _key;

    internal VerificationKey(ECDsa key)
    {
        _key = key;
        Id = ContentHash.OfBytes(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The SHA-256 of the key's SubjectPublicKeyInfo in DER, in lower-case hexadecimal.</summary>
    public string Id { get; }

    /// <summary>Reads a PEM file.</summary>
    /// <exception cref="InputException">It is missing, or holds something else than a public key on P-256.</exception>
    public static VerificationKey Read(string path) => new(PemFile.ReadPublic(path));

    /// <summary>Reads PEM text.</summary>
    /// <param name="place">For messages.</param>
    /// <param name="pem">The text.</param>
    /// <exception cref="InputException">It holds something else than a public key on P-256.</exception>
    public static VerificationKey Parse(string place, string pem) => new(PemFile.ParsePublic(place, pem));

    /// <summary>The key as PEM.</summary>
    public string ToPem() => _key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>Whether a signature of this key covers bytes. A signature with the higher s, or of another form than
    /// DER, does not count.</summary>
    /// <param name="signed">What is to be covered.</param>
    /// <param name="signature">The signature in DER.</param>
    public bool Verifies(ReadOnlySpan<byte> signed, ReadOnlyMemory<byte> signature) =>
        EcdsaSignature.FromDer(signature) is { } plain
        && _key.VerifyData(
            signed,
            plain,
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation
        );

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
