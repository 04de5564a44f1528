namespace Palimpsest.Models;

/// <summary>The part of a decoder that a parameter belongs to.</summary>
public enum ModelComponent
{
    /// <summary>Token or position embedding.</summary>
    Embedding,

    /// <summary>Query, key, value or output projection.</summary>
    Attention,

    /// <summary>Gate, up or down projection.</summary>
    Mlp,

    /// <summary>A router of a mixture-of-experts layer.</summary>
    Router,

    /// <summary>A normalization's weight or bias.</summary>
    Norm,

    /// <summary>The language-model head, where it is not tied to the embedding.</summary>
    Head,

    /// <summary>A low-rank adapter's factor.</summary>
    Adapter,

    /// <summary>A part of a network that is no decoder.</summary>
    Other,
}
