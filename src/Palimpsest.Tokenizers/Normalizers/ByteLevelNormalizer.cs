using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Every UTF-8 byte becomes the printable character that stands for it.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) =>
        text.Map(
            static (rune, output) =>
            {
                Span<byte> bytes = stackalloc byte[4];
                foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                    output.Add(new Rune(ByteAlphabet.CharOf(value)));
            }
        );
}
