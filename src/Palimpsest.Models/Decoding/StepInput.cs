namespace Palimpsest.Models;

/// <summary>The next tokens of every row of a batch.</summary>
public sealed record StepInput
{
    /// <summary>Token ids [B, T] int64. Ignored when <see cref="Embeddings"/> is given.</summary>
    public Tensor? TokenIds { get; init; }

    /// <summary>Input embeddings [B, T, D] float32 in the place of token ids.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>Real tokens [B, T] bool; null means that every token is real. Left and right padding both
    /// work.</summary>
    public Tensor? RealTokens { get; init; }

    /// <summary>Where in a conversation the tokens are, for a cache's policy; null takes one token after others for a
    /// step and everything else for the end of a prompt.</summary>
    public KvPhase? Phase { get; init; }

    /// <summary>What the caller says of each row, see <see cref="Prompt.Flag"/>; null leaves what was said
    /// before.</summary>
    public IReadOnlyList<long>? Flags { get; init; }

    /// <summary>Whether every token gets logits, not the last alone.</summary>
    public bool AllPositions { get; init; }
}
