namespace Palimpsest.Models;

/// <summary>What taps and deltas may know of the forward pass that they are called in; valid until the pass
/// ends.</summary>
public sealed class PassContext
{
    private readonly ForwardState _state;

    internal PassContext(ForwardState state) => _state = state;

    /// <summary>Rows B.</summary>
    public int Batch => _state.Batch;

    /// <summary>Tokens per row T of this pass, padding included.</summary>
    public int Tokens => _state.Tokens;

    /// <summary>Tokens per row that were read before and lie in the cache.</summary>
    public int Past => _state.Past;

    /// <summary>Whether the pass reads a prompt, whole or in parts, or one more token; a pass without a cache reads a
    /// whole sequence.</summary>
    public KvPhase Phase => _state.Phase;

    /// <summary>True when later passes go on from this one.</summary>
    public bool IsCached => _state.Cache is not null;

    /// <summary>Token ids [B, T] int64; null for a pass of embeddings.</summary>
    public Tensor? TokenIds => _state.Input.Embeddings is null ? _state.Input.TokenIds : null;

    /// <summary>Real tokens [B, T] bool; null when all are. The caller's scope disposes it.</summary>
    public Tensor? RealTokens => _state.RealNow;

    /// <summary>Tokens that answer and do not ask [B, T] bool; null when nobody said so: then a
    /// <see cref="KvPhase.Step"/> answers and everything else asks.</summary>
    public Tensor? AnswerMask => _state.Input.AnswerMask;

    /// <summary>Position of each token in its row's text [B, T] int64.</summary>
    public Tensor Positions => _state.TokenPositions;

    /// <summary>Batch row of each token [B, T] int64.</summary>
    public Tensor Rows => _state.TokenRows;

    /// <summary>What the caller says of a row, see <see cref="Prompt.Flag"/>; 0 for nothing.</summary>
    /// <param name="row">In [0, B).</param>
    public long Flag(int row) => _state.Flags is { } flags ? flags[row] : 0;

    /// <summary>True when the caller says something of some row.</summary>
    public bool HasFlags => _state.Flags is { } flags && flags.Any(flag => flag != 0);

    /// <summary>What <see cref="Remember"/> kept for each row in an earlier pass on the same cache; null when
    /// nothing.</summary>
    /// <param name="key">Who asks.</param>
    public IReadOnlyList<long>? Recall(object key) => _state.Cache?.Notes.Find(key);

    /// <summary>Keeps a number for each row until the cache is empty again: a decision that later tokens follow. It
    /// stays with its row when rows leave, join or are copied. Does nothing without a cache.</summary>
    /// <param name="key">Who keeps it.</param>
    /// <param name="rows">One number per row; rows that join later have 0.</param>
    public void Remember(object key, IReadOnlyList<long> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Count, Batch, nameof(rows));
        _state.Cache?.Notes.Set(key, [.. rows]);
    }
}
