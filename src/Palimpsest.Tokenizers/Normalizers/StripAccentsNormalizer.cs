using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Drops combining marks; letters that carry theirs inside are left, so NFD usually comes first.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) =>
        text.Map(
            static (rune, output) =>
            {
                if (
                    Rune.GetUnicodeCategory(rune)
                    is not (
                        System.Globalization.UnicodeCategory.NonSpacingMark
                        or System.Globalization.UnicodeCategory.SpacingCombiningMark
                        or System.Globalization.UnicodeCategory.EnclosingMark
                    )
                )
                    output.Add(rune);
            }
        );
}
