namespace Palimpsest.Inference;

/// <summary>Which sentence encoder makes vectors.</summary>
public sealed class SentenceEmbeddingOptions
{
    /// <summary>A sentence-transformers folder.</summary>
    public string Path { get; set; } = "";

    /// <summary>Most tokens of a text; null for the folder's own limit.</summary>
    public int? MaxTokens { get; set; }
}
