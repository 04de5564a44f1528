namespace Palimpsest.Models;

/// <summary>The taps of one forward pass, called in order.</summary>
/// <param name="taps">The taps.</param>
public sealed class TapSet(params IReadOnlyList<ITap> taps)
{
    /// <summary>No taps: every point is a no-op.</summary>
    public static TapSet None { get; } = new();

    /// <summary>True when some tap applies there.</summary>
    public bool AppliesTo(int layer, TapPoint point)
    {
        foreach (var tap in taps)
        {
            if (tap.AppliesTo(layer, point))
                return true;
        }

        return false;
    }

    /// <summary>Sends an activation through every tap that applies; without one, returns it as it is.</summary>
    public Tensor Apply(Tensor activation, int layer, TapPoint point, Tensor? attentionMask)
    {
        foreach (var tap in taps)
        {
            if (tap.AppliesTo(layer, point))
                activation = tap.Apply(activation, new TapContext(layer, point, attentionMask));
        }

        return activation;
    }
}
