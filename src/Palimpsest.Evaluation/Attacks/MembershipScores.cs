namespace Palimpsest.Evaluation;

/// <summary>What one score tells of membership in a model's training data.</summary>
/// <param name="Score">Its name.</param>
/// <param name="Models">By model: the AUC and the shares of members found at low false-positive rates.</param>
public sealed record MembershipScores(string Score, IReadOnlyDictionary<string, MembershipOfModel> Models);
