using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Erasure.Tests;

/// <summary>A signed certificate with a report beside it and a model elsewhere.</summary>
public sealed class SignedExample : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SignedExample()
    {
        Directory.CreateDirectory(File("audit"));
        Directory.CreateDirectory(File("model", "below"));
        System.IO.File.WriteAllText(File("audit", "report.json"), "{\"verdict\": \"suppressed\"}\n");
        System.IO.File.WriteAllText(File("model", "config.json"), "{}");
        System.IO.File.WriteAllBytes(File("model", "below", "weights \\ é.bin"), [1, 2, 3]);
        System.IO.File.WriteAllText(File("forget.jsonl"), "{}\n");
        Key.Write(File("key.pem"), File("key.pub.pem"));
        Write(Key);
    }

    public SigningKey Key { get; } = SigningKey.Create();

    public string Path => File("audit", "certificate.json");

    public string PublicKey => File("key.pub.pem");

    public StatementSubject[] Subjects =>
        [
            new("model-after", ContentHash.Of(File("model"))),
            new("forget", ContentHash.Of(File("forget.jsonl"))),
            new("report.json", ContentHash.Of(File("audit", "report.json"))),
        ];

    public static JsonObject Predicate =>
        new()
        {
            ["label"] = "suppressed",
            ["method"] = "npo",
            ["é"] = 0.5,
        };

    public string File(params string[] parts) => _folder.File(parts);

    public void Write(SigningKey key) =>
        System.IO.File.WriteAllBytes(
            Path,
            Certificate.Create(Certificate.AuditPredicate, Subjects, Predicate, ["that pigs fly"], key)
        );

    public CertificateCheck Check(params string[] places) => CertificateVerifier.Check(Path, [], places);

    public CertificateCheck CheckWithKey(params string[] places)
    {
        using var key = VerificationKey.Read(PublicKey);
        return CertificateVerifier.Check(Path, [key], places);
    }

    public void Dispose()
    {
        Key.Dispose();
        _folder.Dispose();
    }
}
