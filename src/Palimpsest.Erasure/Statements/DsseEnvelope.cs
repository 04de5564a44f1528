using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Palimpsest.Erasure;

/// <summary>
/// A payload with its signatures, in the Dead Simple Signing Envelope, version 1. What is signed is
/// PAE(type, body) = "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in bytes and decimal.
/// </summary>
/// <param name="PayloadType">What the payload is, for example <see cref="InTotoType"/>.</param>
/// <param name="Payload">Its bytes.</param>
/// <param name="Signatures">At least one.</param>
public sealed record DsseEnvelope(
    string PayloadType,
    ReadOnlyMemory<byte> Payload,
    IReadOnlyList<DsseSignature> Signatures
)
{
    /// <summary>The payload type of in-toto statements.</summary>
    public const string InTotoType = "application/vnd.in-toto+json";

    /// <summary>The largest envelope that is read, in bytes.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>The largest number of signatures that is read.</summary>
    public const int MostSignatures = 16;

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Signs a payload.</summary>
    /// <param name="payloadType">What the payload is.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="keys">One or more keys, no key twice.</param>
    /// <exception cref="ArgumentException">There is no key.</exception>
    public static DsseEnvelope Sign(
        string payloadType,
        ReadOnlyMemory<byte> payload,
        params IReadOnlyList<SigningKey> keys
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0)
            throw new ArgumentException("A signature needs a key.", nameof(keys));
        var signed = Encode(payloadType, payload.Span);
        return new(payloadType, payload, [.. keys.Select(key => new DsseSignature(key.Public.Id, key.Sign(signed)))]);
    }

    /// <summary>What a signature covers.</summary>
    public byte[] Signed() => Encode(PayloadType, Payload.Span);

    /// <summary>The pre-authentication encoding of a payload.</summary>
    public static byte[] Encode(string payloadType, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(payloadType);
        var type = Encoding.UTF8.GetByteCount(payloadType);
        var head = string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type} {payloadType} {payload.Length} ");
        return [.. Encoding.UTF8.GetBytes(head), .. payload];
    }

    /// <summary>The envelope as it stands in a file: one layout alone.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            writer.WriteStartObject();
            writer.WriteBase64String("payload", Payload.Span);
            writer.WriteString("payloadType", PayloadType);
            writer.WriteStartArray("signatures");
            foreach (var signature in Signatures)
            {
                writer.WriteStartObject();
                writer.WriteString("keyid", signature.KeyId);
                writer.WriteBase64String("sig", signature.Value.Span);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Reads an envelope; its bytes are those that <see cref="ToJson"/> writes, or it is refused, so that no
    /// byte can change unseen.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="utf8">The file's bytes.</param>
    /// <exception cref="InputException">It is not an envelope, or of another layout.</exception>
    public static DsseEnvelope Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        var root = StrictJson.Parse(path, utf8, MostBytes);
        StrictJson.RequireFields(root, "payload", "payloadType", "signatures");
        var signatures = new List<DsseSignature>();
        foreach (var signature in root["signatures"].Elements())
        {
            if (signatures.Count == MostSignatures)
                throw root["signatures"].Error($"there are more than {MostSignatures}.");
            StrictJson.RequireFields(signature, "keyid", "sig");
            signatures.Add(new(signature.Text("keyid"), StrictJson.Base64(signature["sig"])));
        }

        if (signatures.Count == 0)
            throw root["signatures"].Error("there is none; needed is one.");
        var envelope = new DsseEnvelope(root.Text("payloadType"), StrictJson.Base64(root["payload"]), signatures);
        return envelope.ToJson().AsSpan().SequenceEqual(utf8.Span)
            ? envelope
            : throw root.Error("its bytes are not laid out as they were written; something changed or reformatted it.");
    }
}
