namespace Palimpsest.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="Perplexity">e^(mean NLL), at least 1.</param>
/// <param name="MeanNll">Mean negative log-likelihood per predicted token in nats.</param>
/// <param name="Tokens">Predicted tokens.</param>
/// <param name="Blocks">Blocks read.</param>
public sealed record PerplexityResult(double Perplexity, double MeanNll, int Tokens, int Blocks);
