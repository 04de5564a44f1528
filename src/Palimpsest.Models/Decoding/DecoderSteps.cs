namespace Palimpsest.Models;

/// <summary>A decoder read step by step through a key-value cache.</summary>
/// <param name="decoder">Stays the caller's.</param>
public sealed class DecoderSteps(CausalLM decoder) : IStepModel
{
    /// <inheritdoc/>
    public int VocabularySize => decoder.Config.VocabularySize;

    /// <inheritdoc/>
    public int MaxTokens => decoder.Config.LongestSequence;

    /// <inheritdoc/>
    public Device Device => decoder.Device;

    /// <inheritdoc/>
    public bool ReadsInParts =>
        decoder.Config.RopeScaling?.Kind is not (RopeScalingKind.Dynamic or RopeScalingKind.LongRope);

    /// <inheritdoc/>
    public IStepBatch NewBatch(int rows, int capacity) => NewBatch(rows, capacity, null);

    /// <inheritdoc/>
    public IStepBatch NewBatch(int rows, int capacity, IKvPolicy? policy) =>
        new DecoderBatch(this, decoder, new(decoder.Config, rows, capacity, decoder.Device, policy));

    /// <summary>A batch that goes on from what a cache holds, which stays the caller's; rows that leave it leave the
    /// cache too.</summary>
    /// <param name="cache">A cache of this model without padding.</param>
    public IStepBatch Continue(KvCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return new DecoderBatch(this, decoder, cache, ownsCache: false);
    }
}
