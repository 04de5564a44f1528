namespace Palimpsest.Models;

/// <summary>What a scoring pass computes besides log-probabilities and argmax.</summary>
public sealed record ScoreOptions
{
    /// <summary>Mean and deviation of log p over the vocabulary at each token (min-k++).</summary>
    public bool VocabularyMoments { get; init; }

    /// <summary>Most sequences per forward pass, at least 1.</summary>
    public int BatchSize { get; init; } = 32;
}
