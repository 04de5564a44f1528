using System.CommandLine;
using System.Globalization;
using Palimpsest.Evaluation;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate verdict</c>: the audit itself is judged by models of which it is known whether they
/// saw the facts.</summary>
internal sealed class EvaluateVerdictVerb : Verb
{
    private readonly OptionBinder _options;
    private readonly OutputOption _cache = CommonOptions.Cache();

    private readonly OutputOption _docs = new("--docs", "Writes the result as a Markdown page too.", OutputKind.File);

    public EvaluateVerdictVerb()
        : base(
            "verdict",
            "Judge the audit and each of its metrics by models that saw the facts and models that never did.",
            "evaluate verdict --worlds 5 --run runs/verdict"
        )
    {
        this.With(_cache, _docs, CommonOptions.Run, OutputCheck.Overwrite);
        _options = OptionBinder.AddTo(this, typeof(VerdictBenchOptions));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "verdict", session.Clock);
        run.WriteConfig(parsed);
        var options = (VerdictBenchOptions)_options.Bind(parsed);
        var bench = new VerdictBench(new Workbench(parsed.GetValue(_cache)), options);
        var validation = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    "Verdict",
                    progress => bench.RunAsync(run.Stages, progress, cancellationToken)
                )
            )
            .ConfigureAwait(false);
        if (parsed.GetValue(_docs) is { } page)
            AtomicFile.WriteText(page, VerdictPage.Render(validation));
        session.Result(validation, console => console.WriteTable(TableOf(validation.Metrics)));
        return ExitCode.Done;
    }

    private static Table TableOf(IReadOnlyList<MetricValidation> metrics)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Metric", "AUC", "Under rounding", "Overall");
        foreach (var metric in metrics)
        {
            var (low, high) = (metric.Auc.Interval.Low, metric.Auc.Interval.High);
            table.AddRow(
                Markup.Escape(metric.Metric),
                FormattableString.Invariant($"{metric.Auc.Value:f3} ({low:f2}–{high:f2}, n={metric.Auc.N})"),
                Shown(metric.UnderRounding),
                Shown(metric.Overall)
            );
        }

        return table;
    }

    private static string Shown(double? value) =>
        value is { } found ? found.ToString("f3", CultureInfo.InvariantCulture) : "–";
}
