namespace Palimpsest.Evaluation;

/// <summary>How well forgotten rows are told from rows that no model saw.</summary>
/// <param name="Auc">The area under the ROC curve: 1 where every forgotten row looks like a member, 0.5 where nothing
/// is told apart; its interval is over rows.</param>
/// <param name="AtOnePercent">Share of forgotten rows found while at most 1 % of unseen rows are taken for
/// members.</param>
/// <param name="AtFivePercent">The same at 5 %.</param>
public sealed record MembershipOfModel(MeasuredLevel Auc, Rate AtOnePercent, Rate AtFivePercent);
