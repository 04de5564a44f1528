namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="KeyDiff"/>.</summary>
public sealed record KeyDiffOptions : KeyScoreOptions;

/// <summary>Entries whose keys are like the others' leave. Park et al. 2025, arXiv:2504.15364.</summary>
/// <remarks>
/// score_j = −cos(k_j, a), a the mean of all keys of unit length, head by head; no attention weight is looked at. The
/// authors read the prompt in blocks and cut down after each; kvpress cuts down once after the prompt, which is the
/// default.
/// </remarks>
public sealed class KeyDiff(KeyDiffOptions options) : KeyScorePolicy(options)
{
    /// <inheritdoc/>
    public override string Id => "keydiff";

    /// <inheritdoc/>
    protected override Tensor ScoresOf(KvSegment segment) => Scores(segment);

    /// <summary>Distances from the mean direction [B, Hkv, S].</summary>
    internal static Tensor Scores(KvSegment segment)
    {
        using var scope = NewDisposeScope();
        var directions = nn.functional.normalize(segment.Keys, dim: -1); // [B, Hkv, S, Dh]
        var counted = segment.Keep is { } keep ? directions * keep.unsqueeze(-1) : directions;
        var anchor = nn.functional.normalize(counted.sum(2, keepdim: true), dim: -1);
        return (-(directions * anchor).sum(-1)).MoveToOuterDisposeScope();
    }
}
