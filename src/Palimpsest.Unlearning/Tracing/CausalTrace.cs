namespace Palimpsest.Unlearning;

/// <summary>How much of an answer each place of a model brings back when everything else is corrupted.</summary>
/// <param name="Clean">Probability of the answer in [0, 1], nothing corrupted.</param>
/// <param name="Corrupted">The same with noise on the subject, mean over draws.</param>
/// <param name="Restored">[T, layers]: the same with the clean state put back at a token and a layer.</param>
public sealed record CausalTrace(double Clean, double Corrupted, double[,] Restored);
