namespace Palimpsest.Models;

/// <summary>What a forward pass reads.</summary>
public sealed record ForwardInput
{
    /// <summary>Token ids [B, T] int64. Ignored when <see cref="Embeddings"/> is given.</summary>
    public Tensor? TokenIds { get; init; }

    /// <summary>Input embeddings [B, T, D] float32 in the place of token ids.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>
    /// Real tokens [B, S] int64 or bool, S = cached length + T; null means that every token is real. Left and right
    /// padding both work.
    /// </summary>
    public Tensor? AttentionMask { get; init; }

    /// <summary>
    /// True when padding, too, is to see real tokens alone, as in transformers; only losses over padding need it, and
    /// it costs a mask.
    /// </summary>
    public bool HidesPadding { get; init; }

    /// <summary>Positions [B, T] int64; null counts the real tokens of each row.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>Keys and values of earlier tokens; the new ones are appended.</summary>
    public KvCache? Cache { get; init; }

    /// <summary>
    /// Where in a conversation the pass is, for the cache's policy; null takes one token after others for a step and
    /// everything else for the end of a prompt.
    /// </summary>
    public KvPhase? Phase { get; init; }

    /// <summary>True when gradients are recorded although there is a cache; without a cache they always are.</summary>
    public bool RecordsGradient { get; init; }

    /// <summary>
    /// Tokens that answer and do not ask [B, T] bool, for taps and deltas that treat the two differently; null when
    /// nobody says.
    /// </summary>
    public Tensor? AnswerMask { get; init; }

    /// <summary>
    /// What the caller says of each row to taps and deltas, 0 for nothing, see <see cref="Prompt.Flag"/>; null for
    /// nothing of any. A cache keeps it for the passes that follow.
    /// </summary>
    public IReadOnlyList<long>? Flags { get; init; }

    /// <summary>Which positions get logits.</summary>
    public LogitsFor Logits { get; init; } = LogitsFor.AllTokens;
}
