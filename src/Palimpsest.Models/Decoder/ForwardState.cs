namespace Palimpsest.Models;

/// <summary>What the blocks of one forward pass share.</summary>
internal sealed class ForwardState : IDisposable
{
    private Tensor? _tokenPositions;
    private Tensor? _tokenRows;

    /// <summary>What the caller gave.</summary>
    public required ForwardInput Input { get; init; }

    /// <summary>S − T.</summary>
    public required int Past { get; init; }

    /// <summary>Positions in the text [B, T] int64; null where they count up from <see cref="Past"/>.</summary>
    public Tensor? Located { get; init; }

    /// <summary>What the caller says of each row; null for nothing.</summary>
    public IReadOnlyList<long>? Flags { get; init; }

    /// <summary>What taps and deltas may know.</summary>
    public PassContext Pass => field ??= new(this);

    /// <summary>Positions in the text [B, T] int64.</summary>
    public Tensor TokenPositions =>
        Located
        ?? (
            _tokenPositions ??= arange(Past, Past + Tokens, device: Mask.Device)
                .expand(Batch, Tokens)
                .DetachFromDisposeScope()
        );

    /// <summary>Batch row of each token [B, T] int64.</summary>
    public Tensor TokenRows =>
        _tokenRows ??= arange(Batch, device: Mask.Device).unsqueeze(1).expand(Batch, Tokens).DetachFromDisposeScope();

    /// <summary>B.</summary>
    public required int Batch { get; init; }

    /// <summary>T.</summary>
    public required int Tokens { get; init; }

    /// <summary>Who sees whom.</summary>
    public required AttentionMask Mask { get; init; }

    /// <summary>The taps, or null when there are none.</summary>
    public required TapSet? Taps { get; init; }

    /// <summary>Keys and values of earlier tokens, or null.</summary>
    public required KvCache? Cache { get; init; }

    /// <summary>Where the pass is, for the cache's policy.</summary>
    public KvPhase Phase { get; init; }

    /// <summary>Positions in the text [B or 1, T] int64; null where no layer's cache needs them.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>Real tokens of this pass [B, T] bool; null when all are.</summary>
    public Tensor? RealNow => Mask.Real?.narrow(1, Mask.Real.shape[1] - Tokens, Tokens);

    /// <summary>Real tokens that each row has seen.</summary>
    public IReadOnlyList<long> RealTokens =>
        field ??= Mask.Real is { } real
            ? real.sum(1).cpu().data<long>().ToArray()
            : [.. Enumerable.Repeat((long)(Cache!.Length + Tokens), Batch)];

    /// <summary>Angles of this pass's tokens; null with learned positions.</summary>
    public RotaryTables? Rotary { get; init; }

    /// <summary>Where angles come from; null with learned positions.</summary>
    public RotaryEmbedding? RotaryEmbedding { get; init; }

    /// <summary>The routers' decisions so far.</summary>
    public List<RouterTrace> Routers { get; } = [];

    /// <summary>True when some tap applies.</summary>
    public bool IsTapped(int layer, TapPoint point) => new PassPlace(this, layer).IsTapped(point);

    /// <summary>Sends an activation through the taps: the activation itself where they leave it as it is.</summary>
    public Tensor Tap(Tensor activation, int layer, TapPoint point) =>
        Taps is null ? activation : new PassPlace(this, layer).Tap(activation, point);

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokenPositions?.Dispose();
        _tokenRows?.Dispose();
    }
}
