namespace Palimpsest.Models;

/// <summary>What a policy is told when a layer has attended.</summary>
public sealed record KvPass
{
    /// <summary>The layer's cache, the pass's tokens included.</summary>
    public required LayerCache Cache { get; init; }

    /// <summary>The layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>Layers of the model.</summary>
    public required int Layers { get; init; }

    /// <summary>Where the pass is.</summary>
    public required KvPhase Phase { get; init; }

    /// <summary>Real tokens that each row has seen, the pass's included.</summary>
    public required IReadOnlyList<long> RealTokens { get; init; }

    /// <summary>The model's sizes.</summary>
    public required DecoderConfig Config { get; init; }

    /// <summary>The cache that the layer is one of; null for a layer by itself.</summary>
    public KvCache? Whole { get; init; }

    /// <summary>
    /// The pass's queries [B, H, N, Dh], rotated by the angles of their positions; at the end of a prompt that was read
    /// in parts, as many of those before them as <see cref="IKvPolicy.ObservedQueries"/> keeps.
    /// </summary>
    public required SegmentedQuery Query { get; init; }

    /// <summary>What the policy asked for.</summary>
    public required AttentionObservation Observed { get; init; }
}
