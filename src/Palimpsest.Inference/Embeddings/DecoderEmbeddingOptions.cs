namespace Palimpsest.Inference;

/// <summary>How a decoder's hidden states become vectors.</summary>
public sealed record DecoderEmbeddingOptions
{
    /// <summary>Which tokens count.</summary>
    public PoolingMode Pooling { get; init; } = PoolingMode.Mean;

    /// <summary>Whether vectors have length 1.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>Most tokens of a text, at least 1; null for the model's positions. What is longer is cut.</summary>
    public int? MaxTokens
    {
        get;
        init => field = value is { } most ? Require.AtLeast(most, 1) : null;
    }
}
