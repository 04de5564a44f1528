namespace Palimpsest.Tokenizers;

/// <summary>NFC, NFD, NFKC or NFKD.</summary>
internal sealed class UnicodeFormNormalizer(bool compatibility, bool compose) : INormalizer
{
    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text) =>
        UnicodeForms.IsTrivial(text.Text, compatibility, compose)
            ? text
            : text.Transform(UnicodeForms.Apply(text.Text, compatibility, compose));
}
