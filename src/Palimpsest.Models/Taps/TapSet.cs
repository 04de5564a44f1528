namespace Palimpsest.Models;

/// <summary>The taps that are attached to a model, called in order; it never changes.</summary>
internal sealed class TapSet
{
    private readonly (ITap Tap, TapSite[] Sites)[] _taps;
    private readonly bool[] _wanted = new bool[(int)TapPoint.FinalNorm + 1];

    private TapSet((ITap Tap, TapSite[] Sites)[] taps)
    {
        _taps = taps;
        foreach (var (_, sites) in taps)
        {
            foreach (var site in sites)
                _wanted[(int)site.Point] = true;
        }
    }

    /// <summary>No taps: every point is a no-op.</summary>
    public static TapSet None { get; } = new([]);

    /// <summary>These taps and then another.</summary>
    public TapSet With(ITap tap, TapSite[] sites) => new([.. _taps, (tap, sites)]);

    /// <summary>These taps without one of them; null when no tap is left.</summary>
    public TapSet? Without(ITap tap)
    {
        var index = Array.FindLastIndex(_taps, entry => ReferenceEquals(entry.Tap, tap));
        return _taps.Length == 1 && index == 0 ? null : new([.. _taps.Where((_, i) => i != index)]);
    }

    /// <summary>True when some tap applies there.</summary>
    public bool AppliesTo(int layer, TapPoint point, int? expert)
    {
        if (!_wanted[(int)point])
            return false;
        foreach (var (_, sites) in _taps)
        {
            if (Covers(sites, layer, point, expert))
                return true;
        }

        return false;
    }

    /// <summary>Sends an activation through every tap that applies; without one, returns it as it is.</summary>
    /// <exception cref="InvalidOperationException">A tap gave a tensor of another shape or type.</exception>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        if (!_wanted[(int)context.Point])
            return activation;
        foreach (var (tap, sites) in _taps)
        {
            if (!Covers(sites, context.Layer, context.Point, context.Expert))
                continue;
            var result = tap.Apply(activation, context);
            if (!ReferenceEquals(result, activation))
                RequireLike(activation, result, tap, context);
            activation = result;
        }

        return activation;
    }

    private static bool Covers(TapSite[] sites, int layer, TapPoint point, int? expert)
    {
        foreach (var site in sites)
        {
            if (site.Covers(layer, point, expert))
                return true;
        }

        return false;
    }

    private static void RequireLike(Tensor activation, Tensor result, ITap tap, in TapContext context)
    {
        if (result.dtype == activation.dtype && result.shape.SequenceEqual(activation.shape))
            return;
        var site = new TapSite(context.Layer, context.Point, context.Expert);
        throw new InvalidOperationException(
            $"{tap.GetType().Name}: {site} gave {result.dtype} [{string.Join(", ", result.shape)}]; allowed is "
                + $"{activation.dtype} [{string.Join(", ", activation.shape)}]."
        );
    }
}
