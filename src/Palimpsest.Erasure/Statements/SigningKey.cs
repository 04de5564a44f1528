using System.Security.Cryptography;

namespace Palimpsest.Erasure;

/// <summary>A private key that signs statements: ECDSA on P-256 over SHA-256.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    private SigningKey(ECDsa key, bool isSelfMade)
    {
        (_key, IsSelfMade) = (key, isSelfMade);
        Public = new(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }

    /// <summary>Whether the key was made for what it signs; then it says nothing of who signed.</summary>
    public bool IsSelfMade { get; }

    /// <summary>The public key.</summary>
    public VerificationKey Public { get; }

    /// <summary>Makes a key.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), isSelfMade: true);

    /// <summary>Reads a PEM file, PKCS#8 or SEC 1, without a passphrase.</summary>
    /// <exception cref="InputException">It is missing, or holds something else than a private key on
    /// P-256.</exception>
    public static SigningKey Read(string path) => new(PemFile.ReadPrivate(path), isSelfMade: false);

    /// <summary>Writes the private key as PKCS#8 in PEM, readable by its owner alone, and the public key.</summary>
    /// <param name="path">The private key's file; it must not be there.</param>
    /// <param name="publicPath">The public key's file; it must not be there.</param>
    /// <exception cref="InputException">A file is there already or cannot be written.</exception>
    public void Write(string path, string publicPath)
    {
        PemFile.WriteNew(publicPath, Public.ToPem(), isPrivate: false);
        PemFile.WriteNew(path, _key.ExportPkcs8PrivateKeyPem() + "\n", isPrivate: true);
    }

    /// <summary>Signs bytes.</summary>
    /// <returns>The signature in DER, with the lower s.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = _key.SignData(
            data,
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation
        );
        return EcdsaSignature.ToDer(signature);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        Public.Dispose();
    }
}
