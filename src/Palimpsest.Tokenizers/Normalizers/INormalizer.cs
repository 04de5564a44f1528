namespace Palimpsest.Tokenizers;

/// <summary>Rewrites text before it is cut into pieces.</summary>
internal interface INormalizer
{
    /// <summary>The rewritten text; sources follow their characters.</summary>
    AlignedText Normalize(AlignedText text);
}
