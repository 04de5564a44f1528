using System.Globalization;
using System.Text;

namespace Palimpsest.Reproductions;

/// <summary>The measured reproductions as a Markdown page.</summary>
public static class ReproductionPage
{
    /// <summary>Renders results in the order given.</summary>
    /// <param name="results">The results.</param>
    public static string Render(IReadOnlyList<ReproductionResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var page = new StringBuilder(
            """
            # Reproductions

            Each published system has one runnable claim. It names its baseline, both are measured in the same run on
            small models, and the outcome follows from criteria, not from a reading of the numbers: *shown*,
            *not shown*, or *inconclusive*. A margin is positive where a criterion holds. Run one with
            `palimpsest reproduce <id>`; this page is written by
            `palimpsest reproduce --all --out docs/reproductions --docs docs/reproductions.md`.

            | system | claim | outcome | seeds |
            |---|---|---|---|

            """
        );
        foreach (var result in results)
            page.AppendLine(
                $"| [{result.Id}](#{result.Id}) | {Cell(result.Title)} | {Words(result.Outcome)} | "
                    + $"{Number(result.Seeds.Count)} |"
            );
        foreach (var result in results)
            Append(page, result);
        return page.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>An outcome in words.</summary>
    public static string Words(Outcome outcome) =>
        outcome switch
        {
            Outcome.Shown => "shown",
            Outcome.NotShown => "not shown",
            _ => "inconclusive",
        };

    private static void Append(StringBuilder page, ReproductionResult result)
    {
        var about = string.Join(", ", result.Environment.Select(pair => $"{pair.Key} {pair.Value}"));
        page.AppendLine(
            $"""

            ## {result.Id}

            **{result.Title}** ([arXiv {result.ArXiv}](https://arxiv.org/abs/{result.ArXiv})): **{Words(
                result.Outcome
            )}**.

            - Claim: {result.Claim}
            - Baseline: {result.Baseline}
            - Setting: {result.Setting}
            - Run: version {Number(result.Version)}, {result.Finished.UtcDateTime.ToString(
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture
            )}, {Number(Math.Round(result.Seconds))} s; {about}.

            | criterion | outcome | numbers |
            |---|---|---|
            """
        );
        foreach (var criterion in result.Criteria)
            page.AppendLine($"| {Cell(criterion.Name)} | {Words(criterion.Outcome)} | {Cell(criterion.Reason)} |");
        var seeds = result.Seeds.Select(seed => FormattableString.Invariant($"seed {seed.Seed}"));
        page.AppendLine().AppendLine($"| arm | quantity | {string.Join(" | ", seeds)} |");
        page.AppendLine($"|---|---|{string.Concat(result.Seeds.Select(_ => "---:|"))}");
        foreach (
            var (arm, quantity) in result
                .Seeds.SelectMany(seed => seed.Values)
                .Select(value => (value.Arm, value.Quantity))
                .Distinct()
        )
        {
            var values = result.Seeds.Select(seed =>
                seed.Values.FirstOrDefault(v => v.Arm == arm && v.Quantity == quantity) is { } value
                    ? Number(value.Value)
                    : ""
            );
            page.AppendLine($"| {Cell(arm)} | {Cell(quantity)} | {string.Join(" | ", values)} |");
        }
    }

    private static string Number(double value)
    {
        if (double.IsNaN(value))
            return "never";
        var whole = Math.Abs(value) >= 1000 && double.IsInteger(value);
        return value.ToString(whole ? "f0" : "g4", CultureInfo.InvariantCulture);
    }

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
