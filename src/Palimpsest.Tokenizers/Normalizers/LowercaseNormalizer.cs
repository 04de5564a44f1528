using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Lower case, scalar by scalar.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) =>
        text.Map(
            static (rune, output) =>
            {
                if (rune.Value == 'İ')
                {
                    output.Add(new Rune('i'));
                    output.Add(new Rune('\u0307'));
                }
                else
                {
                    output.Add(Rune.ToLowerInvariant(rune));
                }
            }
        );
}
