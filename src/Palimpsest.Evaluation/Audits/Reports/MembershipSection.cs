using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The card of <see cref="MembershipTest"/>.</summary>
internal static class MembershipSection
{
    public static AuditSection Create(IReadOnlyList<MembershipScores> scores, int members, int others)
    {
        var rows = scores.SelectMany(score => score.Models.Select(model => Row(score.Score, model.Key, model.Value)));
        return new(
            "What it still holds: membership",
            [
                new TablePart(["Score", "Model", "AUC", "Found at 1 %", "Found at 5 %"], [.. rows]) { TextColumns = 2 },
                new TextPart(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{members} forgotten rows beside {others} that no model saw. AUC 1: every forgotten row looks "
                            + $"like training data; 0.5: none is told apart; well below 0.5: forgetting left a trace "
                            + $"of its own. Found: while at most 1 or 5 % of the unseen rows are taken for members."
                    )
                ),
            ]
        );
    }

    private static IReadOnlyList<string> Row(string score, string model, MembershipOfModel found) =>
        [
            score,
            model,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Auc.Value:f2} [{found.Auc.Interval.Low:f2}, {found.Auc.Interval.High:f2}]"
            ),
            ReportText.Percent(found.AtOnePercent.Value),
            ReportText.Percent(found.AtFivePercent.Value),
        ];
}
