using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Drops control characters and turns exotic spaces into plain ones, as translation models do.</summary>
internal sealed class NmtNormalizer : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) =>
        text.Map(
            static (rune, output) =>
            {
                switch (rune.Value)
                {
                    case (>= 1 and <= 8) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F:
                        break;
                    case 9
                    or 0x0A
                    or 0x0C
                    or 0x0D
                    or 0x1680
                    or (>= 0x200B and <= 0x200F)
                    or 0x2028
                    or 0x2029
                    or 0x2581
                    or 0xFEFF
                    or 0xFFFD:
                        output.Add(new Rune(' '));
                        break;
                    default:
                        output.Add(rune);
                        break;
                }
            }
        );
}
