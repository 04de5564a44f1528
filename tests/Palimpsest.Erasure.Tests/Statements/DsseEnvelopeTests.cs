using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Erasure.Tests;

public sealed class DsseEnvelopeTests : IDisposable
{
    private const string Hello = "http://example.com/HelloWorld";

    private readonly SigningKey _key = SigningKey.Create();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_is_signed_is_the_pre_authentication_encoding_with_lengths_in_bytes()
    {
        Assert.Equal(
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            Encoding.UTF8.GetString(DsseEnvelope.Encode(Hello, "hello world"u8))
        );
        Assert.Equal("DSSEv1 2 é 3 €", Encoding.UTF8.GetString(DsseEnvelope.Encode("é", "€"u8)));
        Assert.Equal("DSSEv1 0  0 ", Encoding.UTF8.GetString(DsseEnvelope.Encode("", [])));
    }

    // The example of the envelope's specification, whose signature is r and s side by side.
    [Fact]
    public void The_signature_of_the_specification_is_verified()
    {
        var point = new ECPoint
        {
            X = Bytes("46950820868899156662930047687818585632848591499744589407958293238635476079160"),
            Y = Bytes("5640078356564379163099075877009565129882514886557779369047442380624545832820"),
        };
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        var pem = ecdsa.ExportSubjectPublicKeyInfoPem();
        using var key = VerificationKey.Parse("key", pem);
        var signature = Convert.FromBase64String(
            "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
        );
        Assert.True(key.Verifies(DsseEnvelope.Encode(Hello, "hello world"u8), EcdsaSignature.ToDer(signature)));
        Assert.False(key.Verifies(DsseEnvelope.Encode(Hello, "hello worle"u8), EcdsaSignature.ToDer(signature)));
        Assert.False(key.Verifies(DsseEnvelope.Encode(Hello, "hello world"u8), signature));
    }

    [Fact]
    public void An_envelope_is_read_as_it_was_written()
    {
        using var other = SigningKey.Create();
        var envelope = DsseEnvelope.Sign(Hello, "hello + world?"u8.ToArray(), _key, other);
        var json = envelope.ToJson();
        var again = DsseEnvelope.Parse("envelope", json);
        Assert.Equal(json, again.ToJson());
        Assert.Equal(envelope.Payload.ToArray(), again.Payload.ToArray());
        Assert.Equal([_key.Public.Id, other.Public.Id], again.Signatures.Select(signature => signature.KeyId));
        Assert.True(other.Public.Verifies(again.Signed(), again.Signatures[1].Value));
        Assert.False(other.Public.Verifies(again.Signed(), again.Signatures[0].Value));
        Assert.Throws<ArgumentException>(() => DsseEnvelope.Sign(Hello, "hello"u8.ToArray()));
    }

    [Theory]
    [InlineData("\"payload\":", "\"payload\": \"\",\n  \"payload\":", "JSON")]
    [InlineData("\"payload\":", "\"note\": 1,\n  \"payload\":", "'note'")]
    [InlineData("\n", "", "laid out")]
    [InlineData("\"payloadType\"", "\"payloadtype\"", "'payloadtype'")]
    [InlineData("http:", "http\\u003a", "laid out")]
    [InlineData("d29ybGQ=", "d29ybGR=", "laid out")]
    [InlineData("d29ybGQ=", "d29 ybGQ=", "laid out")]
    [InlineData("d29ybGQ=", "d29ybGQ", "base64")]
    [InlineData("\"sig\"", "\"sig2\"", "'sig2'")]
    [InlineData("\"keyid\": \"", "\"keyid\": 1, \"x\": \"", "'x'")]
    public void Another_layout_is_refused_in_one_line(string part, string other, string words)
    {
        var json = Encoding.UTF8.GetString(DsseEnvelope.Sign(Hello, "hello world"u8.ToArray(), _key).ToJson());
        Assert.Contains(part, json, StringComparison.Ordinal);
        var changed = Encoding.UTF8.GetBytes(json.Replace(part, other, StringComparison.Ordinal));
        var error = Assert.Throws<InputException>(() => DsseEnvelope.Parse("c.json", changed));
        Assert.StartsWith("c.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void None_and_seventeen_signatures_are_refused_and_sixteen_are_read()
    {
        var signature = DsseEnvelope.Sign(Hello, "hello"u8.ToArray(), _key).Signatures[0];
        DsseEnvelope Of(int count) => new(Hello, "hello"u8.ToArray(), [.. Enumerable.Repeat(signature, count)]);
        Assert.Equal(16, DsseEnvelope.Parse("c", Of(16).ToJson()).Signatures.Count);
        foreach (var (count, words) in new[] { (0, "there is none"), (17, "more than 16") })
        {
            var error = Assert.Throws<InputException>(() => DsseEnvelope.Parse("c", Of(count).ToJson()));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bytes_that_are_no_envelope_are_refused()
    {
        foreach (var text in new[] { "", "null", "[]", "{", "\u0000", "{\"payload\":1}", "\"\\ud800\"" })
            Assert.Throws<InputException>(() => DsseEnvelope.Parse("c", Encoding.UTF8.GetBytes(text)));
        var missing = Assert.Throws<InputException>(() =>
            DsseEnvelope.Parse("c", """{"payloadType": "x", "signatures": []}"""u8.ToArray())
        );
        Assert.Equal("c: 'payload' is missing.", missing.Message);
        Assert.Throws<InputException>(() => DsseEnvelope.Parse("c", new byte[DsseEnvelope.MostBytes + 1]));
    }

    private static byte[] Bytes(string number) =>
        BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture).ToByteArray(true, true);
}
