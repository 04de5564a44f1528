namespace Palimpsest.Tokenizers;

/// <summary>What a token is on its way through the decoders: text still, or bytes already.</summary>
/// <param name="Text">The text; null where it is bytes.</param>
/// <param name="Bytes">The bytes; null where it is text.</param>
internal sealed record TokenPart(string? Text, byte[]? Bytes)
{
    /// <summary>The same with its text rewritten; bytes stay as they are.</summary>
    public TokenPart Map(Func<string, string> rewrite) => Text is null ? this : new(rewrite(Text), null);

    /// <summary>UTF-8.</summary>
    public byte[] ToBytes() => Bytes ?? System.Text.Encoding.UTF8.GetBytes(Text!);
}
