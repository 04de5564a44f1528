using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Byte characters back into UTF-8; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class ByteLevelDecoder : ITokenDecoder
{
    /// <inheritdoc/>
    public bool Fuses => true;

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>(tokens.Count * 4);
        foreach (var token in tokens)
            AddBytes(token, bytes);
        return [Encoding.UTF8.GetString(bytes.ToArray())];
    }

    /// <inheritdoc/>
    public ITokenDecoderStream? Stream(bool fused) => fused ? null : new Characters();

    /// <inheritdoc/>
    public TokenPart? Within(TokenPart part, bool fused)
    {
        if (part.Text is not { } text)
            return null;
        var bytes = new List<byte>(text.Length);
        AddBytes(text, bytes);
        return new(null, [.. bytes]);
    }

    private static void AddBytes(string token, List<byte> bytes)
    {
        var start = bytes.Count;
        foreach (var character in token)
        {
            if (ByteAlphabet.TryGetByte(character, out var value))
            {
                bytes.Add(value);
                continue;
            }

            bytes.RemoveRange(start, bytes.Count - start);
            bytes.AddRange(Encoding.UTF8.GetBytes(token));
            return;
        }
    }

    private sealed class Characters : ITokenDecoderStream
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public void Add(string token, List<string> output)
        {
            var bytes = new List<byte>(token.Length);
            AddBytes(token, bytes);
            Convert([.. bytes], ends: false, output);
        }

        public void End(List<string> output) => Convert([], ends: true, output);

        private void Convert(byte[] bytes, bool ends, List<string> output)
        {
            var characters = new char[_decoder.GetCharCount(bytes, ends)];
            if (_decoder.GetChars(bytes, characters, ends) is > 0 and var count)
                output.Add(new string(characters, 0, count));
        }
    }
}
