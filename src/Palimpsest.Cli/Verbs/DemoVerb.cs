using System.CommandLine;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest demo</c>: the whole story on the built-in world.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly WholeOption<ulong> _seed = new(
        "--seed",
        "Seed of world, models and methods.",
        absent: 1,
        least: 0
    );
    private readonly OutputOption _cache = CommonOptions.Cache();

    public DemoVerb()
        : base(
            "demo",
            "A person asks to be forgotten; the model forgets; an attacker tries; a report says what is left.",
            "demo --run runs/demo"
        ) => this.With(_seed, _cache, CommonOptions.Run);

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var seed = _seed.Of(parsed);
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "demo", session.Clock);
        run.WriteConfig(parsed);
        var reports = await run.ResumableAsync(async () =>
            {
                using var story = await DemoStory
                    .OpenAsync(session, run, seed, parsed.GetValue(_cache), cancellationToken)
                    .ConfigureAwait(false);
                return await story.TellAsync(seed, cancellationToken).ConfigureAwait(false);
            })
            .ConfigureAwait(false);
        AtomicFile.WriteText(run.File("report.html"), ReportPage.Render(reports));
        session.Result(
            reports,
            console =>
            {
                console.WriteTable(AuditTable.Of(reports));
                foreach (var report in reports)
                    console.WriteLine(
                        $"{report.Method}: {RemovalLabels.NameOf(report.Verdict.Label)}. {report.Verdict.Reason}"
                    );
                console.WriteLine($"The report: {run.File("report.html")}");
            }
        );
        return ExitCode.Done;
    }
}
