namespace Palimpsest.Models;

/// <summary>A tap that keeps the activations at chosen points and changes none of them.</summary>
/// <remarks>Kept tensors stay in the autograd graph where one is recorded; they live until the next pass or until
/// disposal.</remarks>
/// <param name="sites">Layers and points.</param>
public sealed class ActivationRecorder(params IReadOnlyList<(int Layer, TapPoint Point)> sites) : ITap, IDisposable
{
    private readonly Dictionary<(int Layer, TapPoint Point), Tensor> _kept = [];

    /// <summary>The activation of the latest pass.</summary>
    /// <exception cref="KeyNotFoundException">The point was not chosen or has not been passed.</exception>
    public Tensor this[int layer, TapPoint point] =>
        _kept.TryGetValue((layer, point), out var kept)
            ? kept
            : throw new KeyNotFoundException($"Nothing is kept for layer {layer}, {point}.");

    /// <summary>
    /// A recorder of the embeddings and every block's hidden states: read them with <see cref="HiddenState"/>.
    /// </summary>
    public static ActivationRecorder HiddenStates(DecoderConfig config) =>
        new([.. Enumerable.Range(0, config.Layers + 1).Select(k => HiddenStateSite(k, config))]);

    /// <summary>Hidden states [B, T, D] as Hugging Face counts them: 0 the embeddings, k block k's output, the last one
    /// normalized.</summary>
    public Tensor HiddenState(int index, DecoderConfig config)
    {
        var (layer, point) = HiddenStateSite(index, config);
        return this[layer, point];
    }

    /// <inheritdoc/>
    public bool AppliesTo(int layer, TapPoint point) => sites.Contains((layer, point));

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        var site = (context.Layer, context.Point);
        if (_kept.Remove(site, out var old))
            old.Dispose();
        _kept[site] = activation.alias().DetachFromDisposeScope();
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
