namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="KeyNorm"/>.</summary>
public sealed record KeyNormOptions : KeyScoreOptions;

/// <summary>Entries whose keys are long leave. Devoto et al. 2024, arXiv:2406.11430.</summary>
/// <remarks>
/// score_j = −‖k_j‖, head by head; no attention weight is looked at. The authors cut down while decoding too,
/// kvpress after the prompt alone, which is the default. In the first layer the keys of one word differ by their angles
/// alone: of lengths within a part in 100,000 the newer stay, so that rounding decides nothing.
/// </remarks>
public sealed class KeyNorm(KeyNormOptions options) : KeyScorePolicy(options)
{
    private const double SameLength = 1e5;

    /// <inheritdoc/>
    public override string Id => "knorm";

    /// <inheritdoc/>
    protected override Tensor ScoresOf(KvSegment segment) => Scores(segment);

    /// <summary>Shortness [B, Hkv, S] float64; of equal keys the newer stay.</summary>
    internal static Tensor Scores(KvSegment segment)
    {
        using var scope = NewDisposeScope();
        var length = segment.Keys.to(ScalarType.Float64).square().sum(-1).log() / 2;
        var newer = arange(segment.Width, device: length.device) / (double)segment.Width;
        return (newer - (length * SameLength).round()).MoveToOuterDisposeScope();
    }
}
