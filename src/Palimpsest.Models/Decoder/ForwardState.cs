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

    /// <summary>Angles of this pass's tokens; null with learned positions.</summary>
    public RotaryTables? Rotary { get; init; }

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
