using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.Reproductions;
using Palimpsest.Training;
using Palimpsest.Unlearning;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest forget METHOD</c>: makes a model forget.</summary>
internal static class ForgetVerb
{
    public static Command Create()
    {
        var command = new Command("forget", "Make a model forget rows of questions and answers.");
        foreach (var entry in Unlearning.Catalog.All)
            command.Add(Create(entry));
        return command;
    }

    private static Command Create(CatalogEntry<IUnlearningMethod> entry)
    {
        var (model, target) = (
            CommonOptions.Model(),
            CommonOptions.Required("--out", "Where the changed model goes.", "folder")
        );
        var forget = CommonOptions.Required("--forget", "Rows to be forgotten (JSON or JSON lines).");
        var retain = CommonOptions.Optional("--retain", "Rows to be kept.", "file");
        var alternates = CommonOptions.Optional("--alternates", "Other answers (refusals), one per line.", "file");
        var batch = new Option<int>("--batch-size")
        {
            Description = "Rows per micro-batch.",
            DefaultValueFactory = _ => 8,
        };
        var rank = new Option<int>("--lora-rank")
        {
            Description = "Trains a low-rank adapter of this rank instead of all weights; 0 trains all.",
            DefaultValueFactory = _ => 0,
        };
        var command = new Command(entry.Id, $"{entry.Title} (arXiv {entry.ArXiv}).").With(
            model,
            forget,
            retain,
            alternates,
            target,
            batch,
            rank,
            CommonOptions.Device,
            CommonOptions.Weights,
            CommonOptions.Run
        );
        var method = OptionBinder.AddTo(command, entry.OptionsType);
        var training = TrainingBinder.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var (session, settings, steps) = (new Session(parsed), method.Bind(parsed), training.Bind(parsed));
                var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
                var lora = Require.AtLeast(parsed.GetValue(rank), 0, "--lora-rank");
                var weights = HeldWeights.Of(parsed.GetValue(CommonOptions.Weights)!, device);
                if (weights is not null && lora == 0)
                    throw new InputException(
                        $"--weights {parsed.GetValue(CommonOptions.Weights)}: quantised weights do not train; add an "
                            + $"adapter with --lora-rank."
                    );
                var rows = QuestionAnswerFile.Read(parsed.GetValue(forget)!);
                var kept = parsed.GetValue(retain) is { } path ? QuestionAnswerFile.Read(path) : [];
                QuestionAnswerFile.RequireDisjoint(parsed.GetValue(forget)!, rows, parsed.GetValue(retain) ?? "", kept);
                var refusals = parsed.GetValue(alternates) is { } file ? Lines(file) : [];
                using var language = LanguageModel.Load(
                    parsed.GetValue(model)!,
                    device: device,
                    weights: weights,
                    cancellationToken: cancellationToken
                );
                var job = new UnlearnJob
                {
                    Model = language.Decoder,
                    PadId = language.PadId,
                    Forget = EncodedRows.Of(language, parsed.GetValue(forget)!, rows),
                    Retain = EncodedRows.Of(language, parsed.GetValue(retain) ?? "", kept),
                    Alternates =
                        refusals.Length == 0
                            ? []
                            :
                            [
                                .. rows.Select(row =>
                                    EncodedRows.Answers(language, parsed.GetValue(alternates)!, row.Question, refusals)
                                ),
                            ],
                    BatchSize = Require.AtLeast(parsed.GetValue(batch), 1, "--batch-size"),
                    Lora = lora > 0 ? new() { Rank = lora } : null,
                };
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "forget", session.Clock);
                run.WriteConfig(parsed);
                job = job with { Training = steps with { RunFolder = run.FullPath } };
                var result = await run.ResumableAsync(() =>
                        session.WithProgressAsync(
                            $"Forgetting by {entry.Id}",
                            progress =>
                                entry
                                    .Create(settings)
                                    .RunAsync(job, new StepProgress(progress, "steps"), cancellationToken)
                        )
                    )
                    .ConfigureAwait(false);
                var folder = parsed.GetValue(target)!;
                using var changed = (LanguageModel)language.WithDecoder(result.Model, entry.Id);
                changed.Save(folder, place => result.Adapter?.Save(Path.Combine(place, "adapter")));
                session.Result(
                    new
                    {
                        Method = entry.Id,
                        Model = Path.GetFullPath(folder),
                        result.Training,
                        result.KnowledgeInStoredWeights,
                    },
                    console =>
                        console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{result.Training.Steps} steps in {result.Training.Seconds:f0} s; the changed model "
                                    + $"is in {folder}{(result.Adapter is null ? "" : ", its adapter in the folder's 'adapter'")}. Audit it before you believe it."
                            )
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static string[] Lines(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: there is no such file.");
        string[] lines = [.. File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line))];
        return lines.Length > 0
            ? lines
            : throw new InputException($"{path}: has no line; needed is at least one answer.");
    }
}
