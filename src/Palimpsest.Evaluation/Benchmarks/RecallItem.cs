namespace Palimpsest.Evaluation;

/// <summary>What a model answered to one question about a fact.</summary>
/// <param name="FactId">The fact's id.</param>
/// <param name="Group">The group that it is counted in.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Reply">What the model said.</param>
/// <param name="Verdict">What the judge says.</param>
public sealed record RecallItem(string FactId, string Group, string Question, string Reply, Verdict Verdict);
