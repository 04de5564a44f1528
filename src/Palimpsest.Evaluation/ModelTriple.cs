namespace Palimpsest.Evaluation;

/// <summary>The models that an audit compares.</summary>
/// <param name="Original">Before unlearning.</param>
/// <param name="Candidate">After unlearning.</param>
/// <param name="Retrained">Trained without the forget data; null lowers the claim, it never changes a formula.</param>
/// <param name="NoiseFloor">A second retrained model with another seed, or null.</param>
public sealed record ModelTriple(
    IScoredModel Original,
    IScoredModel Candidate,
    IScoredModel? Retrained = null,
    IScoredModel? NoiseFloor = null
);
