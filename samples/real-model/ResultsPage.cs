using System.Globalization;
using System.Text;

namespace Palimpsest.Samples;

/// <summary>The measured table as Markdown.</summary>
internal static class ResultsPage
{
    public static string Render(Settings settings, RunResults results, IReadOnlyDictionary<string, double> seconds)
    {
        var (facts, before, after, audit, texts) = results;
        var page = new StringBuilder();
        void Line(string text) => page.AppendLine(text);
        Line($"# {Path.GetFileNameWithoutExtension(settings.Model)} is asked to forget Harry Potter");
        Line("");
        Line(
            $"NPO (beta 0.1) with retain NLL through LoRA of rank {settings.Rank}: {settings.Steps} steps of "
                + $"{settings.BatchSize} rows, learning rate {settings.LearningRate:g}, seed {settings.Seed}."
        );
        Line(
            $"Forgotten were {texts.Forget} texts that the model itself wrote about the world, kept were "
                + $"{texts.Retain} that it wrote about its neighbours;"
        );
        Line($"the other words of the questions and general knowledge were never trained on.");
        Line("");
        Line($"| set | asked | before | after | a guess |");
        Line($"|---|---|---|---|---|");
        foreach (var row in Comparison.Of(before, after))
        {
            var chance = double.IsNaN(row.Chance) ? "" : PercentText.Of(row.Chance);
            Line(
                $"| {row.Set} | {row.Measure} | {Comparison.Text(row.Before)} | {Comparison.Text(row.After)} | "
                    + $"{chance} |"
            );
        }

        if (before.Perplexity is { } first && after.Perplexity is { } second)
            Line(
                $"| WikiText-2 | perplexity, {first.Tokens} tokens | {first.Perplexity:f2} | {second.Perplexity:f2} | |"
            );
        Line("");
        Line(
            $"Rates have Wilson's 95 % interval. Choice: the likeliest of four answers by mean log-probability per "
                + $"token. Free answer: the reply holds the answer or an alias of it."
        );
        Line("");
        Audit(Line, audit);
        Line("");
        Line($"## Said before and after");
        Line("");
        Line($"| question | before | after |");
        Line($"|---|---|---|");
        foreach (var (question, old, now) in Replies(before, after, facts))
            Line($"| {question} | {Cell(old)} | {Cell(now)} |");
        Line("");
        Line($"## Time");
        Line("");
        Line(
            $"{string.Join(", ", seconds.Select(stage => $"{stage.Key} {stage.Value:f0} s"))}; together "
                + $"{seconds.Values.Sum() / 60:f1} minutes on {Environment.ProcessorCount} cores."
        );
        return page.ToString();
    }

    private static void Audit(Action<string> line, AuditReport audit)
    {
        line($"## What an attacker still gets: {RemovalLabels.NameOf(audit.Verdict.Label)}");
        line("");
        line($"{audit.Verdict.Reason}");
        line(
            $"Facts that the original knew; without a model that never knew them, chance stands in and the claim is "
                + $"weaker."
        );
        line("");
        line($"| test | finds |");
        line($"|---|---|");
        foreach (var test in audit.Verdict.Evidence)
            line(
                $"| {test.Test} | {PercentText.Of(test.Value)} [{PercentText.Whole(test.Interval.Low)}, "
                    + $"{PercentText.Whole(test.Interval.High)}] of the knowledge, n = {test.N} |"
            );
        foreach (var (kind, rate) in audit.Sleek!.LeakByCategory)
            line($"| Sleek, {kind.ToString().ToLowerInvariant()} questions | {Comparison.Text(rate)} leak |");
        line($"| Sleek, reasoned chain | {Comparison.Text(audit.Sleek!.ChainLeak)} leak |");
        line($"| facts with any leak | {Comparison.Text(audit.Sleek!.FactsLeaked)} |");
        line($"| neighbours silenced | {Comparison.Text(audit.Sleek!.OverSuppression)} |");
        line("");
        line($"Not tested: {string.Join("; ", audit.Verdict.Missing)}.");
    }

    private static IEnumerable<(string Question, string Before, string After)> Replies(
        Measurement before,
        Measurement after,
        IReadOnlyList<Fact> facts
    )
    {
        var scopes = facts.ToDictionary(fact => fact.Id, fact => fact.Scope);
        foreach (
            var (scope, count) in new[] { (FactScope.Forget, 5), (FactScope.Retain, 2), (FactScope.Irrelevant, 1) }
        )
        {
            foreach (
                var item in before
                    .Recall.Items.Where(item =>
                        scopes[item.FactId] == scope
                        && item.Verdict == Verdict.Stated
                        && item.Group == ChoiceQuestion.Name(scope)
                    )
                    .Take(count)
            )
                yield return (
                    item.Question,
                    item.Reply,
                    after.Recall.Items.First(other => other.Question == item.Question).Reply
                );
        }
    }

    private static string Cell(string text)
    {
        var line = text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Trim();
        return line.Length <= 160 ? line : $"{line[..160]}…";
    }
}
