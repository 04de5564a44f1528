namespace Palimpsest.Inference;

/// <summary>A window of the newest tokens, and a memory of blocks of all others, of which each chunk reads those that
/// answer its queries best, all at one distance. Xiao et al. 2024, arXiv:2402.04617.</summary>
/// <remarks>
/// Keys are held unrotated. A query sees tokens nearer than n_local at their distance; initial tokens, blocks, and what
/// has left its window and is in no block yet at distance n_local − 1, all under one softmax. A block's vector
/// [H·Dh] is the mean of the r keys with the most attention while they were in the window, head by head; a chunk takes
/// the blocks with the largest product with its mean query, rotated to n_local − 1. Tokens that a query still has in
/// its window are hidden from its far part, as the paper says; the authors' code shows them twice
/// (<c>sees-twice</c>). Choosing blocks for each head alone is left out. Models with learned positions cannot be
/// served, nor windows that are smaller than n_local.
/// </remarks>
public sealed class InfLlm : IKvPolicy
{
    private readonly InfLlmOptions _options;

    /// <summary>A policy with these settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A chunk is longer than the window, or fewer blocks stay at hand
    /// than are read.</exception>
    public InfLlm(InfLlmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        if (options.Chunk > options.Local)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Chunk,
                $"Chunk must be at most local, {options.Local}."
            );
        if (options.Cached < options.Retrieved)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Cached,
                $"Cached must be at least retrieved, {options.Retrieved}."
            );
    }

    /// <inheritdoc/>
    public string Id => "infllm";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public bool BoundsPositions => true;

    /// <inheritdoc/>
    public void Check(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.LearnedPositions)
            throw new InputException("infllm: the model has learned positions, which cannot be moved to one distance.");
        for (var layer = 0; layer < config.Layers; layer++)
        {
            if (config.WindowOf(layer) is { } window && window < _options.Local)
                throw new InputException(
                    $"infllm: local {_options.Local} is more than the model's window of {window}; allowed is at most "
                        + "it."
                );
        }
    }

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) =>
        new BlockMemoryLayerCache(shape, config, _options);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass) { }
}
