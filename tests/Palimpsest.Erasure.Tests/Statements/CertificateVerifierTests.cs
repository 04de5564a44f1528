using System.Numerics;
using System.Text;

namespace Palimpsest.Erasure.Tests;

public sealed class CertificateVerifierTests : IDisposable
{
    private readonly SignedExample _example = new();

    public void Dispose() => _example.Dispose();

    [Fact]
    public void A_certificate_holds_and_says_what_was_compared_and_what_it_does_not_prove()
    {
        var check = _example.CheckWithKey("model-after=" + _example.File("model"));
        Assert.True(check.Holds, check.Reason);
        Assert.True(check.KeyWasGiven);
        Assert.Equal(_example.Key.Public.Id, check.KeyId);
        Assert.EndsWith("signed by the key that was given; 2 of 3 subjects were compared.", check.Reason, Ordinal);
        Assert.Equal(
            [SubjectStatus.Matches, SubjectStatus.NotGiven, SubjectStatus.Matches],
            check.Subjects.Select(subject => subject.Status)
        );
        Assert.Equal("npo", check.Predicate!.Value.GetProperty("method").GetString());
        Assert.Contains("that pigs fly", check.NotProven);
        Assert.Contains(check.NotProven, text => text.StartsWith("who signed", Ordinal));
    }

    [Fact]
    public void A_key_that_the_certificate_brings_does_not_show_who_signed()
    {
        var check = _example.Check();
        Assert.True(check.Holds, check.Reason);
        Assert.False(check.KeyWasGiven);
        Assert.Contains("self-signed, so that who signed is not shown", check.Reason, Ordinal);
        using var fromFile = SigningKey.Read(_example.File("key.pem"));
        _example.Write(fromFile);
        check = _example.Check();
        Assert.Contains("signed by a key that it brings along, so that who signed is not shown", check.Reason, Ordinal);
        Assert.DoesNotContain(check.NotProven, text => text.StartsWith("who signed", Ordinal));
    }

    [Theory]
    [InlineData(0x01, 1)]
    [InlineData(0x20, 7)]
    [InlineData(0x07, 7)]
    [InlineData(0xff, 7)]
    public void Any_changed_byte_of_the_certificate_is_seen(byte mask, int step)
    {
        var bytes = File.ReadAllBytes(_example.Path);
        Assert.True(_example.Check().Holds);
        for (var i = 0; i < bytes.Length; i += step)
        {
            var changed = bytes.ToArray();
            changed[i] ^= mask;
            File.WriteAllBytes(_example.Path, changed);
            var check = _example.Check();
            Assert.False(check.Holds, $"byte {i}");
            Assert.StartsWith(_example.Path + ": ", check.Reason, Ordinal);
            Assert.DoesNotContain('\n', check.Reason);
        }
    }

    [Fact]
    public void A_shortened_or_lengthened_certificate_does_not_hold()
    {
        var bytes = File.ReadAllBytes(_example.Path);
        foreach (var changed in new[] { bytes[..^1], [.. bytes, (byte)'\n'], [.. bytes, .. bytes], [] })
        {
            File.WriteAllBytes(_example.Path, changed);
            Assert.False(_example.Check().Holds);
        }
    }

    [Fact]
    public void Any_changed_byte_of_report_model_or_data_is_seen_and_the_place_is_named()
    {
        foreach (
            var file in new[]
            {
                _example.File("audit", "report.json"),
                _example.File("model", "config.json"),
                _example.File("model", "below", "weights \\ é.bin"),
                _example.File("forget.jsonl"),
            }
        )
        {
            var bytes = File.ReadAllBytes(file);
            foreach (var i in Enumerable.Range(0, bytes.Length))
            {
                var changed = bytes.ToArray();
                changed[i] ^= 1;
                File.WriteAllBytes(file, changed);
                var check = _example.Check(Places());
                Assert.False(check.Holds, $"{file} byte {i}");
                Assert.Contains("differs from what was signed as", check.Reason, Ordinal);
                Assert.Single(check.Subjects, subject => subject.Status == SubjectStatus.Differs);
            }

            File.WriteAllBytes(file, bytes);
        }

        Assert.True(_example.Check(Places()).Holds);
        File.WriteAllText(_example.File("model", "more.txt"), "");
        Assert.False(_example.Check(Places()).Holds);
    }

    [Fact]
    public void A_path_without_a_name_has_to_be_some_subject()
    {
        Assert.True(_example.Check(_example.File("model"), _example.File("forget.jsonl")).Holds);
        var check = _example.Check(_example.File("key.pem"));
        Assert.False(check.Holds);
        Assert.Contains("none of model-after, forget, report.json", check.Reason, Ordinal);
        Assert.False(_example.Check("model-after=" + _example.File("forget.jsonl")).Holds);
        // What differs at one place is not mended by what matches at another.
        string[] places = ["forget=" + _example.File("model"), "forget=" + Forget];
        foreach (var order in new[] { places, [places[1], places[0]] })
        {
            var mixed = _example.Check(order);
            Assert.False(mixed.Holds);
            Assert.Equal(SubjectStatus.Differs, mixed.Subjects.Single(subject => subject.Name == "forget").Status);
        }

        var other = _example.File("elsewhere", "report.json");
        Directory.CreateDirectory(_example.File("elsewhere"));
        File.WriteAllText(other, "another report");
        Assert.Contains("signed as 'report.json'", _example.Check(other).Reason, Ordinal);
        Assert.Throws<InputException>(() => _example.Check("forget=" + _example.File("nowhere")));
        Assert.Throws<InputException>(() => CertificateVerifier.Check(_example.File("nowhere"), [], []));
    }

    [Fact]
    public void Another_key_does_not_count()
    {
        using var other = SigningKey.Create();
        var check = CertificateVerifier.Check(_example.Path, [other.Public], []);
        Assert.False(check.Holds);
        Assert.Contains(other.Public.Id, check.Reason, Ordinal);
        Assert.Null(check.KeyId);

        // Signed again by somebody else: it holds for itself, and not for who knows the key.
        _example.Write(other);
        Assert.True(_example.Check().Holds);
        Assert.False(_example.CheckWithKey().Holds);

        // The id of the known key over a signature of another.
        Rewrite(envelope => envelope with { Signatures = [envelope.Signatures[0] with { KeyId = KeyId }] });
        Assert.Contains("does not cover the payload", _example.CheckWithKey().Reason, Ordinal);
    }

    [Fact]
    public void A_second_signature_counts_only_when_its_key_is_given_too()
    {
        using var other = SigningKey.Create();
        Rewrite(envelope => DsseEnvelope.Sign(envelope.PayloadType, envelope.Payload, _example.Key, other));
        Assert.Contains("signature 2 is by the key", _example.CheckWithKey().Reason, Ordinal);
        Assert.False(_example.Check().Holds);
        Assert.True(CertificateVerifier.Check(_example.Path, [other.Public, _example.Key.Public], []).Holds);
        var elsewhere = DsseEnvelope.Sign(DsseEnvelope.InTotoType, "{}"u8.ToArray(), other).Signatures[0];
        Rewrite(envelope => envelope with { Signatures = [envelope.Signatures[0], elsewhere] });
        var half = CertificateVerifier.Check(_example.Path, [other.Public, _example.Key.Public], []);
        Assert.Contains("signature 2 does not cover the payload", half.Reason, Ordinal);
        Rewrite(envelope => envelope with { Signatures = [envelope.Signatures[0]] });
        var check = CertificateVerifier.Check(_example.Path, [_example.Key.Public, other.Public], []);
        Assert.Contains($"the key {other.Public.Id} did not sign it", check.Reason, Ordinal);
        Rewrite(envelope => envelope with { Signatures = [envelope.Signatures[0], envelope.Signatures[0]] });
        Assert.Contains("stands twice", _example.CheckWithKey().Reason, Ordinal);
        // Signed by a given key, and naming another as its signer.
        Rewrite(envelope => DsseEnvelope.Sign(envelope.PayloadType, envelope.Payload, other));
        check = CertificateVerifier.Check(_example.Path, [other.Public], []);
        Assert.Contains("none of those given", check.Reason, Ordinal);
    }

    [Fact]
    public void The_other_signature_with_the_same_meaning_does_not_count()
    {
        Rewrite(envelope =>
        {
            var plain = EcdsaSignature.FromDer(envelope.Signatures[0].Value)!;
            var (r, s) = (
                new BigInteger(plain.AsSpan(0, 32), true, true),
                new BigInteger(plain.AsSpan(32), true, true)
            );
            var order = BigInteger.Parse(
                "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
                Hex,
                null
            );
            var twin = EcdsaSignatureTests.Der(r, order - s);
            return envelope with { Signatures = [envelope.Signatures[0] with { Value = twin }] };
        });
        Assert.False(_example.Check().Holds);
    }

    [Theory]
    [InlineData(
        "audit-certificate:v1",
        "audit-certificate:v2",
        "this version reads urn:palimpsest:audit-certificate:v1"
    )]
    [InlineData("Statement/v1", "Statement/v0.1", "this version reads https://in-toto.io/Statement/v1")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"../../etc/passwd\"", "'../../etc/passwd'")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"/etc/passwd\"", "'/etc/passwd'")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"..\"", "'..'")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"Forget\"", "'Forget'")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"a\\u0000b\"", "name")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"report.json\"", "'report.json' stands twice")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"x\", \"name\": \"forget\"", "JSON")]
    [InlineData("\"name\": \"forget\"", "\"name\": \"forget\", \"uri\": \"x\"", "'uri'")]
    [InlineData("\"sha256\": \"", "\"sha512\": \"", "'sha512'")]
    [InlineData("\"sha256\": \"", "\"sha256\": \"A", "64 hexadecimal")]
    [InlineData("\"subject\": [", "\"subject\": [], \"subjects\": [", "'subjects'")]
    [InlineData("\"label\": ", "\"label\": \"removal-consistent\", \"label\": ", "JSON")]
    [InlineData("\"key_id\": \"", "\"key_id\": \"0", "not that of key_id")]
    [InlineData("\"kind\": \"self-signed\"", "\"kind\": \"notary\"", "kind is neither")]
    [InlineData("\"signer\"", "\"signed_by\"", "signer")]
    public void What_is_signed_has_to_be_of_the_known_form(string part, string other, string words)
    {
        Rewrite(envelope =>
        {
            var text = Encoding.UTF8.GetString(envelope.Payload.Span);
            Assert.Contains(part, text, Ordinal);
            var changed = text.Replace(part, other, Ordinal);
            return DsseEnvelope.Sign(envelope.PayloadType, Encoding.UTF8.GetBytes(changed), _example.Key);
        });
        var check = _example.CheckWithKey();
        Assert.False(check.Holds);
        Assert.Contains(words, check.Reason, Ordinal);
        Assert.DoesNotContain('\n', check.Reason);
    }

    [Fact]
    public void A_payload_of_another_type_does_not_hold()
    {
        Rewrite(envelope => DsseEnvelope.Sign("application/json", envelope.Payload, _example.Key));
        Assert.Contains("payloadType is 'application/json'", _example.Check().Reason, Ordinal);
    }

    [Fact]
    public void A_certificate_of_a_version_that_did_not_sign_is_named_so()
    {
        File.WriteAllText(_example.Path, """{"schema_version": 3, "label": "suppressed", "hashes": {"model": "00"}}""");
        Assert.Contains("of a version that did not sign", _example.Check().Reason, Ordinal);
    }

    [Fact]
    public void What_cannot_be_a_subject_is_not_signed()
    {
        void Refused(string words, params StatementSubject[] subjects)
        {
            var error = Assert.Throws<InputException>(() =>
                Certificate.Create(Certificate.AuditPredicate, subjects, SignedExample.Predicate, [], _example.Key)
            );
            Assert.Contains(words, error.Message, Ordinal);
        }

        var digest = new string('a', 64);
        Refused("0 subjects");
        Refused("1001 subjects", [.. Enumerable.Range(0, 1001).Select(i => new StatementSubject($"s{i}", digest))]);
        Refused("stands twice", new("a", digest), new("a", digest));
        Refused("needed are 64", new StatementSubject("a", "00ff"));
        Refused("needed are 64", new StatementSubject("a", digest.ToUpperInvariant()));
        Refused("is not of small letters", new StatementSubject(new string('a', 101), digest));
        Refused("is not of small letters", new StatementSubject("", digest));
        Refused("is not of small letters", new StatementSubject(".a", digest));
        Assert.Equal("real-authors-2", StatementSubject.NameOf("--Real authors/2"));
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;
    private const System.Globalization.NumberStyles Hex = System.Globalization.NumberStyles.HexNumber;

    private string KeyId => _example.Key.Public.Id;

    private string Forget => _example.File("forget.jsonl");

    private string[] Places() => ["model-after=" + _example.File("model"), "forget=" + Forget];

    private void Rewrite(Func<DsseEnvelope, DsseEnvelope> change)
    {
        var envelope = DsseEnvelope.Parse(_example.Path, File.ReadAllBytes(_example.Path));
        File.WriteAllBytes(_example.Path, change(envelope).ToJson());
    }
}
