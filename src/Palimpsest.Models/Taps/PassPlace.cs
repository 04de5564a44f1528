namespace Palimpsest.Models;

/// <summary>Where within a pass a layer's parts are being computed.</summary>
/// <param name="State">The pass; null outside of one.</param>
/// <param name="Layer">Zero-based layer.</param>
internal readonly record struct PassPlace(ForwardState? State, int Layer)
{
    /// <summary>Inside an expert, which one.</summary>
    public int? Expert { get; init; }

    /// <summary>Which of the pass's B·T tokens are computed [N] int64; null when all are.</summary>
    public Tensor? Tokens { get; init; }

    /// <summary>True when the tokens are one list [B·T, ...] and not [B, T, ...].</summary>
    public bool IsFlat { get; init; }

    /// <summary>True when some tap applies.</summary>
    public bool IsTapped(TapPoint point) => State?.Taps is { } taps && taps.AppliesTo(Layer, point, Expert);

    /// <summary>Sends an activation through the taps: the activation itself where they leave it as it is.</summary>
    public Tensor Tap(Tensor activation, TapPoint point)
    {
        if (State?.Taps is not { } taps)
            return activation;
        var result = taps.Apply(activation, new(this, point));
        return ReferenceEquals(result, activation) ? activation : result.alias(); // the tap may keep its own tensor
    }

    /// <summary>What belongs to these tokens, of a tensor [B, T] of the pass.</summary>
    public Tensor OfTokens(Tensor all)
    {
        if (Tokens is not null)
            return all.reshape(-1).index_select(0, Tokens);
        return IsFlat ? all.reshape(-1) : all.alias();
    }
}
