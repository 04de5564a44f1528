using System.Formats.Asn1;
using System.Numerics;

namespace Palimpsest.Erasure;

/// <summary>ECDSA signatures on P-256 in the one form that counts here: DER with the lower of the two values of s that
/// sign the same, so that nobody without the key can write a second one.</summary>
internal static class EcdsaSignature
{
    private const int Width = 32;

    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
        isUnsigned: true,
        isBigEndian: true
    );

    /// <summary>r and s, 32 bytes each, as DER; s or n − s, whichever is lower.</summary>
    public static byte[] ToDer(ReadOnlySpan<byte> fixedWidth)
    {
        var (r, s) = (Read(fixedWidth[..Width]), Read(fixedWidth[Width..]));
        return Write(r, BigInteger.Min(s, Order - s));
    }

    /// <summary>r and s, 32 bytes each, of a signature in DER; null when it is of another form or s is the higher
    /// one.</summary>
    public static byte[]? FromDer(ReadOnlyMemory<byte> der)
    {
        try
        {
            var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            var (r, s) = (sequence.ReadInteger(), sequence.ReadInteger());
            if (r.Sign <= 0 || r >= Order || s.Sign <= 0 || s > Order - s)
                return null;
            // Nothing may follow, in the sequence or behind it.
            return Write(r, s).AsSpan().SequenceEqual(der.Span) ? [.. Fixed(r), .. Fixed(s)] : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static BigInteger Read(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Write(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }

        return writer.Encode();
    }

    private static byte[] Fixed(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[Width - bytes.Length], .. bytes];
    }
}
