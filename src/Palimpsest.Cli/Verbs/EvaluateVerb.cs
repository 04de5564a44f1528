using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate BENCHMARK</c>.</summary>
internal static class EvaluateVerb
{
    public static Command Create() =>
        new("evaluate", "Run a benchmark on a model.")
        {
            CreateTofu(),
            EvaluateChoiceVerb.Create(),
            EvaluateRecallVerb.Create(),
            EvaluatePerplexityVerb.Create(),
        };

    private static Command CreateTofu()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var data = CommonOptions.Required("--data", "The folder with TOFU's files.", "folder");
        var forget = new Option<string>("--forget")
        {
            Description = "The forget split.",
            DefaultValueFactory = _ => "forget10",
        };
        var holdout = CommonOptions.Optional("--holdout", "Rows that no model saw, for membership scores.", "file");
        var retained = CommonOptions.Optional("--retained", "The retained model, or its TOFU_EVAL.json.", "path");
        var format = CommonOptions.Optional(
            "--format",
            "open-unlearning writes TOFU_EVAL.json and TOFU_SUMMARY.json into --out.",
            "name"
        );
        var target = new OutputOption(
            "--out",
            "Where files go. Default: the run folder.",
            OutputKind.FilesInFolder,
            "TOFU_EVAL.json",
            "TOFU_SUMMARY.json"
        );
        var command = new Command("tofu", "TOFU (arXiv 2401.06121), as open-unlearning's evaluator computes it.").With(
            model,
            adapter,
            data,
            forget,
            holdout,
            retained,
            format,
            target,
            OutputCheck.Overwrite,
            CommonOptions.Device,
            CommonOptions.Run
        );
        var binder = OptionBinder.AddTo(command, typeof(TofuOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                if (parsed.GetValue(format) is { } name and not "open-unlearning")
                    throw new InputException($"--format: '{name}' is not open-unlearning.");
                if (!parsed.IsGiven(format))
                    GivenOptions.Refuse(parsed, "files are written with --format open-unlearning alone", target);
                var (options, device) = (
                    (TofuOptions)binder.Bind(parsed),
                    TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!)
                );
                var rows = TofuData.Load(parsed.GetValue(data)!, parsed.GetValue(forget)!, parsed.GetValue(holdout));
                rows.Require(wrongAnswers: parsed.IsGiven(retained));
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "evaluate", session.Clock);
                run.WriteConfig(parsed);
                var stages = run.Stages;
                using var language = LanguageModel.Load(
                    parsed.GetValue(model)!,
                    parsed.GetValue(adapter),
                    device: device,
                    cancellationToken: cancellationToken
                );
                var result = await run.ResumableAsync(() =>
                        session.WithProgressAsync(
                            "TOFU",
                            async progress =>
                            {
                                var reference = await ReferenceAsync(
                                        parsed.GetValue(retained),
                                        language.Tokenizer,
                                        device,
                                        rows,
                                        options,
                                        stages,
                                        progress,
                                        cancellationToken
                                    )
                                    .ConfigureAwait(false);
                                return await TofuBenchmark
                                    .RunAsync(language, rows, options, reference, progress, stages, cancellationToken)
                                    .ConfigureAwait(false);
                            }
                        )
                    )
                    .ConfigureAwait(false);
                if (parsed.GetValue(format) is not null)
                    result.WriteOpenUnlearning(parsed.GetValue(target) ?? run.FullPath);
                AtomicFile.WriteText(
                    run.File("summary.json"),
                    JsonSerializer.Serialize(result.Summary, Session.JsonFormat)
                );
                session.Result(
                    result.Summary,
                    console =>
                    {
                        var table = new Table().AddColumns("Metric", "Value").Border(TableBorder.Simple);
                        foreach (var (metric, value) in result.Summary)
                            table.AddRow(
                                metric,
                                value.ToString("g6", System.Globalization.CultureInfo.InvariantCulture)
                            );
                        console.Write(table);
                    }
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<TofuReference?> ReferenceAsync(
        string? path,
        Tokenizer tokenizer,
        Device device,
        TofuData rows,
        TofuOptions options,
        StageFolder stages,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        if (path is null)
            return null;
        if (File.Exists(path) && !path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            return TofuReference.Read(path);
        using var model = LanguageModel.Load(path, device: device, cancellationToken: cancellationToken);
        if (tokenizer.FirstDifference(model.Tokenizer) is { } difference)
            throw new InputException($"--retained: {path}: the tokenizer is not that of --model: {difference}.");
        var result = await TofuBenchmark
            .RunAsync(
                model,
                rows,
                options with
                {
                    GradientNorm = false,
                },
                null,
                progress,
                stages.Within("retained"),
                cancellationToken
            )
            .ConfigureAwait(false);
        return TofuReference.Of(result);
    }
}
