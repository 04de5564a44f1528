using System.Security.Cryptography;
using Palimpsest.TestKit;

namespace Palimpsest.Erasure.Tests;

public sealed class SigningKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_signs_after_it_was_written_and_read()
    {
        using var made = SigningKey.Create();
        made.Write(_folder.File("key.pem"), _folder.File("key.pub.pem"));
        using var read = SigningKey.Read(_folder.File("key.pem"));
        using var known = VerificationKey.Read(_folder.File("key.pub.pem"));
        Assert.True(made.IsSelfMade);
        Assert.False(read.IsSelfMade);
        Assert.Equal(made.Public.Id, read.Public.Id);
        Assert.Equal(made.Public.Id, known.Id);
        Assert.True(known.Verifies("text"u8, read.Sign("text"u8)));
        Assert.False(known.Verifies("texts"u8, read.Sign("text"u8)));
        using var other = SigningKey.Create();
        Assert.False(known.Verifies("text"u8, other.Sign("text"u8)));
    }

    [Fact]
    public void A_key_in_the_older_form_of_openssl_is_read()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("sec1.pem"), ecdsa.ExportECPrivateKeyPem());
        using var key = SigningKey.Read(_folder.File("sec1.pem"));
        Assert.Equal(ContentHash.OfBytes(ecdsa.ExportSubjectPublicKeyInfo()), key.Public.Id);
    }

    [Fact]
    public void A_private_key_is_its_owners_alone_and_never_overwritten()
    {
        using var key = SigningKey.Create();
        key.Write(_folder.File("own.pem"), _folder.File("own.pub.pem"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("own.pem")));
        var before = File.ReadAllText(_folder.File("own.pem"));
        var error = Assert.Throws<InputException>(() =>
            key.Write(_folder.File("own.pem"), _folder.File("other.pub.pem"))
        );
        Assert.Contains("never overwritten", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_folder.File("own.pem")));
        Assert.Throws<InputException>(() => key.Write(_folder.File("free.pem"), _folder.File("own.pub.pem")));
        Assert.False(File.Exists(_folder.File("free.pem")));
    }

    [Fact]
    public void What_is_no_key_on_the_curve_is_refused_by_file_and_need()
    {
        using var rsa = RSA.Create(1024);
        using var wide = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        string[] wrong =
        [
            "",
            "no key",
            rsa.ExportPkcs8PrivateKeyPem(),
            rsa.ExportRSAPrivateKeyPem(),
            wide.ExportPkcs8PrivateKeyPem(),
            own.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters),
            own.ExportSubjectPublicKeyInfoPem(),
            own.ExportPkcs8PrivateKeyPem() + "\n" + own.ExportPkcs8PrivateKeyPem(),
        ];
        foreach (var pem in wrong)
        {
            File.WriteAllText(_folder.File("wrong.pem"), pem);
            var error = Assert.Throws<InputException>(() => SigningKey.Read(_folder.File("wrong.pem")));
            Assert.StartsWith(_folder.File("wrong.pem"), error.Message, StringComparison.Ordinal);
            Assert.Contains("private key on P-256", error.Message, StringComparison.Ordinal);
        }

        foreach (var pem in new[] { own.ExportPkcs8PrivateKeyPem(), wide.ExportSubjectPublicKeyInfoPem(), "x" })
        {
            var error = Assert.Throws<InputException>(() => VerificationKey.Parse("pub", pem));
            Assert.Equal("pub: is not a public key on P-256 in PEM.", error.Message);
        }

        Assert.Throws<InputException>(() => SigningKey.Read(_folder.File("missing.pem")));
        File.WriteAllBytes(_folder.File("large.pem"), new byte[65537]);
        Assert.Contains(
            "65537 bytes",
            Assert.Throws<InputException>(() => VerificationKey.Read(_folder.File("large.pem"))).Message,
            StringComparison.Ordinal
        );
    }
}
