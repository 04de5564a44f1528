namespace Palimpsest.Checkpoints;

/// <summary>The experts of a mixture-of-experts model.</summary>
/// <param name="Count">Experts per layer.</param>
/// <param name="PerToken">Experts that a token visits.</param>
/// <param name="Parameters">Numbers of all experts.</param>
/// <param name="ActiveParameters">Numbers of the experts that one token visits.</param>
public sealed record ExpertInfo(int Count, int PerToken, long Parameters, long ActiveParameters);
