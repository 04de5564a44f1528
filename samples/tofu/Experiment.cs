using Palimpsest.Evaluation;
using Palimpsest.Inference;

namespace Palimpsest.Samples.Tofu;

/// <summary>The whole story: learn, forget, audit, tabulate. Every finished step leaves a file and is not done
/// again.</summary>
internal sealed class Experiment(TofuPlan plan, string data, string folder)
{
    /// <summary>Runs what is missing; table.md and report.html are the result.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var progress = new ProgressLines();
        Finished.Claim(folder, plan.ToString());
        var rows = TofuRows.Read(data, plan);
        var (fullFolder, retrainedFolder) = await new Training(plan, rows, folder, progress)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        using var full = LanguageModel.Load(fullFolder, cancellationToken: cancellationToken);
        using var retrained = LanguageModel.Load(retrainedFolder, cancellationToken: cancellationToken);
        var forgetting = new Forgetting(plan, rows, progress);
        var auditing = new Auditing(plan, rows, ContentHash.Of(data), progress);
        var reports = new List<AuditReport>();
        foreach (var method in Method.All)
        {
            var target = Path.Combine(folder, method.Id, "model");
            await forgetting.RunAsync(full, method, target, cancellationToken).ConfigureAwait(false);
            using var candidate = LanguageModel.Load(target, cancellationToken: cancellationToken);
            reports.Add(
                await auditing
                    .RunAsync(
                        method.Id,
                        new(full, candidate, retrained),
                        ContentHash.Of(target),
                        Path.Combine(folder, method.Id, "audit"),
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            );
            progress.Say(
                $"{method.Id}: {RemovalLabels.NameOf(reports[^1].Verdict.Label)}. {reports[^1].Verdict.Reason}"
            );
        }

        AtomicFile.WriteText(Path.Combine(folder, "report.html"), ReportPage.Render(reports));
        AtomicFile.WriteText(Path.Combine(folder, "table.md"), ResultTable.Of(reports));
        await Console.Out.WriteLineAsync(ResultTable.Of(reports)).ConfigureAwait(false);
    }
}
