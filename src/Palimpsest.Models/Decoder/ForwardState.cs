namespace Palimpsest.Models;

/// <summary>What the blocks of one forward pass share.</summary>
internal sealed class ForwardState
{
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
    public bool IsTapped(int layer, TapPoint point) => Taps is not null && Taps.AppliesTo(layer, point);

    /// <summary>Sends an activation through the taps.</summary>
    public Tensor Tap(Tensor activation, int layer, TapPoint point)
    {
        if (Taps is null)
            return activation;
        var result = Taps.Apply(activation, layer, point, Mask.Real);
        return ReferenceEquals(result, activation) ? activation : result.alias(); // the tap may keep its own tensor
    }
}
