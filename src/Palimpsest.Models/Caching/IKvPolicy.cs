namespace Palimpsest.Models;

/// <summary>Decides what a cache holds: creates the layers' caches and acts after each layer's attention.</summary>
/// <remarks>
/// A policy is settings alone and serves any number of caches at once; what it has to remember about entries travels
/// in the layer's cache. It speaks of layers and heads, never of weights.
/// </remarks>
public interface IKvPolicy
{
    /// <summary>What users type.</summary>
    string Id { get; }

    /// <summary>What it changes, which is also its place in a composition.</summary>
    KvStage Stage { get; }

    /// <summary>True when it drops entries after every token, not only after prompts.</summary>
    bool ActsAtSteps { get; }

    /// <summary>
    /// True when no angle grows with the tokens seen once entries have been dropped, so that a stream may be longer
    /// than the model's positions.
    /// </summary>
    bool BoundsPositions => false;

    /// <summary>Queries at the end of a prompt whose weights are wanted; they are kept from part to part of a prompt
    /// that is read in parts.</summary>
    int ObservedQueries => 0;

    /// <summary>Refuses models that it cannot serve.</summary>
    /// <exception cref="InputException">The model is one of those.</exception>
    void Check(DecoderConfig config) { }

    /// <summary>The empty cache of a layer.</summary>
    LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new ContiguousLayerCache(shape);

    /// <summary>What it wants to know of a pass.</summary>
    AttentionWants Wants(KvPhase phase, int layer) => default;

    /// <summary>Whether <see cref="AfterPass"/> is to be told how surprising the tokens of a pass were.</summary>
    bool WantsSurprise => false;

    /// <summary>Acts before the tokens of a pass enter any layer.</summary>
    /// <param name="cache">What is held so far.</param>
    /// <param name="coming">Real tokens of the pass in each row.</param>
    /// <param name="beginsRound">Whether a prompt begins.</param>
    void BeforePass(KvCache cache, IReadOnlyList<int> coming, bool beginsRound) { }

    /// <summary>Acts when all layers have attended, where it wants surprise.</summary>
    /// <param name="cache">What is held, the pass's tokens included.</param>
    /// <param name="phase">Where the pass was.</param>
    /// <param name="surprise">−log p of each token after those before it [B, T] float32; the first of a text, of
    /// which nothing is known, has the pass's largest.</param>
    void AfterPass(KvCache cache, KvPhase phase, Tensor surprise) { }

    /// <summary>Notes what it has seen when a layer has attended, before any policy of a composition acts.</summary>
    void Observe(KvPass pass) { }

    /// <summary>Acts when a layer has attended; earlier layers of the same pass have acted.</summary>
    void AfterAttention(KvPass pass);
}
