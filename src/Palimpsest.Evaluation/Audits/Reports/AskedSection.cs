using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The card of <see cref="AskedTest"/>.</summary>
internal static class AskedSection
{
    public static AuditSection Create(
        IReadOnlyDictionary<string, MeasuredLevel> levels,
        IReadOnlyList<SleekReply> replies,
        string judge
    ) =>
        new(
            "What it says when asked",
            [
                new BarsPart("Facts that replies state", BarsOf(levels)),
                new TextPart(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Each forgotten fact's own question, {replies.Count} in all; a reply is right when it "
                            + $"states the "
                            + $"fact, in whatever words. The candidate refused "
                            + $"{replies.Count(reply => reply.Verdict == Verdict.Refused)}. Judged by: {judge}."
                    )
                ),
            ]
        );

    /// <summary>One bar per model.</summary>
    public static IReadOnlyList<ReportBar> BarsOf(IReadOnlyDictionary<string, MeasuredLevel> levels) =>
        [
            .. levels.Select(level => new ReportBar(level.Key, level.Value.Value, level.Value.Interval, level.Key)
            {
                N = level.Value.N,
            }),
        ];
}
