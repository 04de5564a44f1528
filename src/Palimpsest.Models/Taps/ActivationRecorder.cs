namespace Palimpsest.Models;

/// <summary>A tap that keeps the activations at chosen points and changes none of them.</summary>
/// <remarks>Kept tensors stay in the autograd graph where one is recorded; they live until the next pass or until
/// disposal. For one pass at a time.</remarks>
/// <param name="sites">What is kept.</param>
public sealed class ActivationRecorder(params IReadOnlyList<TapSite> sites) : ITap, IDisposable
{
    private readonly Dictionary<TapSite, Tensor> _kept = [];
    private PassContext? _pass;

    /// <inheritdoc/>
    public IReadOnlyList<TapSite> Sites => sites;

    /// <summary>The activation of the latest pass.</summary>
    /// <param name="layer">Zero-based layer.</param>
    /// <param name="point">The named point.</param>
    /// <param name="expert">Inside experts, which one.</param>
    /// <exception cref="KeyNotFoundException">The point was not chosen or has not been passed.</exception>
    public Tensor this[int layer, TapPoint point, int? expert = null] =>
        Find(layer, point, expert)
        ?? throw new KeyNotFoundException($"Nothing is kept for {new TapSite(layer, point, expert)}.");

    /// <summary>The same; null where nothing is kept, for example of an expert that no token visited.</summary>
    public Tensor? Find(int layer, TapPoint point, int? expert = null) =>
        _kept.GetValueOrDefault(new(layer, point, expert));

    /// <summary>
    /// A recorder of the embeddings and every block's hidden states: read them with <see cref="HiddenState"/>.
    /// </summary>
    public static ActivationRecorder HiddenStates(DecoderConfig config) =>
        new([
            .. Enumerable
                .Range(0, config.Layers + 1)
                .Select(k => HiddenStateSite(k, config))
                .Select(site => new TapSite(site.Layer, site.Point)),
        ]);

    /// <summary>Hidden states [B, T, D] as Hugging Face counts them: 0 the embeddings, k block k's output, the last one
    /// normalized.</summary>
    public Tensor HiddenState(int index, DecoderConfig config)
    {
        var (layer, point) = HiddenStateSite(index, config);
        return this[layer, point];
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        if (!ReferenceEquals(_pass, context.Pass))
            Dispose();
        _pass = context.Pass;
        _kept[new(context.Layer, context.Point, context.Expert)] = activation.alias().DetachFromDisposeScope();
        return activation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _kept.Values)
            kept.Dispose();
        _kept.Clear();
    }

    private static (int Layer, TapPoint Point) HiddenStateSite(int index, DecoderConfig config)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, config.Layers);
        if (index == 0)
            return (0, TapPoint.Embedding);
        return index == config.Layers ? (config.Layers, TapPoint.FinalNorm) : (index - 1, TapPoint.BlockOutput);
    }
}
