using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate tofu</c>: as open-unlearning's evaluator computes it.</summary>
internal sealed class EvaluateTofuVerb : Verb
{
    private const string OpenUnlearning = "open-unlearning";

    private readonly ModelBinder _model;
    private readonly OptionBinder _options;

    private readonly Option<string> _data = CommonOptions.Required("--data", "The folder with TOFU's files.", "folder");
    private readonly Option<string> _forget = new("--forget")
    {
        Description = "The forget split.",
        HelpName = "name",
        DefaultValueFactory = _ => "forget10",
    };

    private readonly Option<string?> _holdout = CommonOptions.Optional(
        "--holdout",
        "Rows that no model saw, for membership scores.",
        "file"
    );
    private readonly Option<string?> _retained = CommonOptions.Optional(
        "--retained",
        "The retained model, or its TOFU_EVAL.json.",
        "path"
    );
    private readonly Option<string?> _format = CommonOptions.Optional(
        "--format",
        $"{OpenUnlearning} writes TOFU_EVAL.json and TOFU_SUMMARY.json into --out.",
        OpenUnlearning
    );
    private readonly OutputOption _target = new(
        "--out",
        "Where files go. Default: the run folder.",
        OutputKind.FilesInFolder,
        "TOFU_EVAL.json",
        "TOFU_SUMMARY.json"
    );

    public EvaluateTofuVerb(CatalogEntry entry)
        : base(
            entry.Id,
            $"{entry.Title} (arXiv {entry.ArXiv}), as open-unlearning's evaluator computes it.",
            "evaluate tofu --model runs/model --data tofu --forget forget05 --retained runs/retrained"
        )
    {
        _model = ModelBinder.AddTo(this, "The model that is measured.");
        this.With(_data, _forget, _holdout, _retained, _format, _target, OutputCheck.Overwrite, CommonOptions.Run);
        _options = OptionBinder.AddTo(this, entry.OptionsType);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        RequireFormat(parsed);
        var (options, model) = ((TofuOptions)_options.Bind(parsed), _model.Bind(parsed));
        var rows = TofuData.Load(parsed.GetValue(_data)!, parsed.GetValue(_forget)!, parsed.GetValue(_holdout));
        rows.Require(wrongAnswers: parsed.IsGiven(_retained));
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "evaluate", session.Clock);
        run.WriteConfig(parsed);
        using var language = model.Load(cancellationToken);
        var result = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    "TOFU",
                    async progress =>
                    {
                        var parts = new ProgressParts(progress, [parsed.IsGiven(_retained) ? 1 : 0, 1]);
                        var retained = new RetainedModel(parsed.GetValue(_retained), model, language.Tokenizer);
                        var reference = await retained
                            .MeasureAsync(
                                rows,
                                options,
                                run.Stages.Within("retained"),
                                parts.Part(0, "retained"),
                                cancellationToken
                            )
                            .ConfigureAwait(false);
                        return await TofuBenchmark
                            .RunAsync(
                                language,
                                rows,
                                options,
                                reference,
                                parts.Part(1, "model", options.GradientNorm && rows.Holdout.Count > 0 ? 2 : 1),
                                run.Stages,
                                cancellationToken
                            )
                            .ConfigureAwait(false);
                    }
                )
            )
            .ConfigureAwait(false);
        if (parsed.IsGiven(_format))
            result.WriteOpenUnlearning(parsed.GetValue(_target) ?? run.FullPath);
        var summary = result.Summary;
        AtomicFile.WriteText(run.File("summary.json"), JsonSerializer.Serialize(summary, Session.JsonFormat));
        session.Result(summary, console => console.WriteTable(TableOf(summary)));
        return ExitCode.Done;
    }

    private void RequireFormat(ParseResult parsed)
    {
        if (parsed.GetValue(_format) is { } name and not OpenUnlearning)
            throw new InputException($"--format: '{name}' is not {OpenUnlearning}.");
        if (!parsed.IsGiven(_format))
            GivenOptions.Refuse(parsed, $"files are written with --format {OpenUnlearning} alone", _target);
    }

    private static Table TableOf(IReadOnlyDictionary<string, MeasuredLevel> summary)
    {
        var table = new Table().AddColumns("Metric", "Value", "95 %", "n").Border(TableBorder.Simple);
        foreach (var (metric, level) in summary.Where(metric => metric.Value.ValueReason is null))
            table.AddRow(metric, Number(level.Value), Ends(level.Interval), $"{level.N}");
        return table;
    }

    private static string Ends(Interval interval) =>
        interval == Interval.None ? PercentText.Missing : $"{Number(interval.Low)} to {Number(interval.High)}";

    private static string Number(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}
