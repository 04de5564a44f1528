using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.Training;
using Palimpsest.Unlearning;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest forget METHOD</c>: makes a model forget.</summary>
internal static class ForgetVerb
{
    /// <summary>The rank of an adapter that is trained; 0 for none.</summary>
    public static Option<int> Rank { get; } =
        new("--lora-rank")
        {
            Description = "Trains a low-rank adapter of this rank instead of all weights; 0 trains all.",
            DefaultValueFactory = _ => 0,
        };

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
            CommonOptions.Out("Where the changed model goes, or with --result adapter the adapter.")
        );
        var forget = CommonOptions.Required("--forget", "Rows to be forgotten (JSON or JSON lines).");
        var retain = CommonOptions.Optional("--retain", "Rows to be kept.", "file");
        var alternates = CommonOptions.Optional("--alternates", "Other answers (refusals), one per line.", "file");
        var batch = new Option<int>("--batch-size")
        {
            Description = "Rows per micro-batch.",
            DefaultValueFactory = _ => 8,
        };
        var command = new Command(entry.Id, $"{entry.Title} (arXiv {entry.ArXiv}).").With(
            model,
            forget,
            retain,
            alternates,
            target,
            OutputCheck.Overwrite,
            batch,
            Rank,
            ForgetOutput.Result,
            ForgetOutput.KeepAdapter,
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
                var lora = Require.AtLeast(parsed.GetValue(Rank), 0, "--lora-rank");
                var output = ForgetOutput.Read(
                    parsed,
                    entry.Id,
                    parsed.GetValue(model)!,
                    parsed.GetValue(target)!,
                    adapts: lora > 0
                );
                var chosen = entry.Create(settings);
                if (!chosen.ReadsRetain)
                    GivenOptions.Refuse(parsed, $"{entry.Id} reads no retain rows", retain);
                if (!chosen.ReadsAlternates)
                    GivenOptions.Refuse(parsed, $"{entry.Id} reads no other answers", alternates);
                var weights = HeldWeights.Of(parsed.GetValue(CommonOptions.Weights)!, device);
                if (weights is not null && lora == 0)
                    throw new InputException(
                        $"--weights {parsed.GetValue(CommonOptions.Weights)}: quantised weights do not train; add an "
                            + $"adapter with --lora-rank."
                    );
                var rows = QuestionAnswerFile.Read(parsed.GetValue(forget)!);
                var kept = parsed.GetValue(retain) is { } path ? QuestionAnswerFile.Read(path) : [];
                RowSet.RequireDisjoint(
                    new(parsed.GetValue(forget)!, rows),
                    new(parsed.GetValue(retain) ?? "--retain", kept)
                );
                var refusals = parsed.GetValue(alternates) is { } file ? RefusalFile.Read(file) : [];
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
                if (job.Lora is not null)
                    LoraAdapter.RequireFit(job.Model, job.Lora);
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "forget", session.Clock);
                run.WriteConfig(parsed);
                job = job with { Training = steps with { RunFolder = run.FullPath } };
                var result = await run.ResumableAsync(() =>
                        session.WithProgressAsync(
                            $"Forgetting by {entry.Id}",
                            progress => chosen.RunAsync(job, new StepProgress(progress, "steps"), cancellationToken)
                        )
                    )
                    .ConfigureAwait(false);
                using var changed = (LanguageModel)language.WithDecoder(result.Model, entry.Id);
                var places = output.Write(changed, result.Adapter, run);
                session.Result(
                    new
                    {
                        Method = entry.Id,
                        Model = Path.GetFullPath(output.AsAdapter ? output.Model : output.Target),
                        Adapter = (output.AsAdapter ? output.Target : output.KeptAdapter) is { } place
                            ? Path.GetFullPath(place)
                            : null,
                        result.Training,
                        KnowledgeInStoredWeights = output.AsAdapter,
                        KnowledgeStillIn = places,
                    },
                    console =>
                    {
                        console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{result.Training.Steps} steps in {result.Training.Seconds:f0} s; "
                                    + $"{output.Describe()}. Audit it before you believe it."
                            )
                        );
                        console.WriteLine("The knowledge is still in:");
                        foreach (var place in places)
                            console.WriteLine($"  {place}");
                    }
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
