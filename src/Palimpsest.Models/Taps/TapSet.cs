namespace Palimpsest.Models;

/// <summary>The taps of one forward pass, called in order.</summary>
public sealed class TapSet
{
    private readonly (ITap Tap, TapSite[] Sites)[] _taps;
    private readonly bool[] _wanted = new bool[(int)TapPoint.FinalNorm + 1];
    private DecoderConfig? _fits;

    /// <summary>Taps; their sites are read now.</summary>
    /// <param name="taps">Called in this order.</param>
    public TapSet(params IReadOnlyList<ITap> taps)
        : this(taps.Select(tap => (tap, tap.Sites.ToArray())).ToArray()) { }

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
    public static TapSet None { get; } = new(Array.Empty<(ITap, TapSite[])>());

    /// <summary>True without a tap.</summary>
    internal bool IsEmpty => _taps.Length == 0;

    /// <summary>These taps and then others.</summary>
    internal TapSet With(TapSet others) => new([.. _taps, .. others._taps]);

    /// <summary>These taps without one of them.</summary>
    internal TapSet Without(ITap tap)
    {
        var index = Array.FindIndex(_taps, entry => ReferenceEquals(entry.Tap, tap));
        return new([.. _taps.Where((_, i) => i != index)]);
    }

    /// <summary>Refuses sites that a model does not have.</summary>
    /// <exception cref="InputException">The message has the site and the nearest that exist.</exception>
    internal void RequireFit(DecoderConfig config)
    {
        if (ReferenceEquals(_fits, config))
            return;
        foreach (var (tap, sites) in _taps)
            TapSites.Require(config, tap, sites);
        _fits = config;
    }

    /// <summary>True when some tap applies there.</summary>
    internal bool AppliesTo(int layer, TapPoint point, int? expert)
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
    internal Tensor Apply(Tensor activation, in TapContext context)
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
