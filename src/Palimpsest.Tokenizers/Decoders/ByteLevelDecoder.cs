using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Byte characters back into UTF-8; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class ByteLevelDecoder : ITokenDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>(tokens.Count * 4);
        foreach (var token in tokens)
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
                break;
            }
        }

        return [Encoding.UTF8.GetString(bytes.ToArray())];
    }
}
