using System.CommandLine;
using Spectre.Console;
using Palimpsest.Inference;
using Palimpsest.Reproductions;
using Palimpsest.Training;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest forget METHOD</c>: makes a model forget.</summary>
internal static class ForgetVerb
{
    public static Command Create()
    {
        var command = new Command("forget", "Make a model forget rows of questions and answers.");
        foreach (var entry in Unlearning.Catalog.All)
            command.Add(Create(entry));
        var method = new Argument<string?>("method") { Description = "The method; see 'palimpsest systems'.", Arity = ArgumentArity.ZeroOrOne };
        command.Add(method);
        command.SetAction(int (parsed) => parsed.GetValue(method) is { } unknown
            ? throw new InputException($"Unknown method '{Unlearning.Catalog.Find(unknown).Id}'.")
            : throw new InputException($"Name a method: {string.Join(", ", Unlearning.Catalog.All.Select(e => e.Id))}."));
        return command;
    }

    private static Command Create(CatalogEntry<IUnlearningMethod> entry)
    {
        var (model, target) = (CommonOptions.Model(), CommonOptions.Required("--out", "Where the changed model goes.", "folder"));
        var forget = CommonOptions.Required("--forget", "Rows to be forgotten (JSON or JSON lines).");
        var retain = CommonOptions.Optional("--retain", "Rows to be kept.", "file");
        var alternates = CommonOptions.Optional("--alternates", "Other answers (refusals), one per line.", "file");
        var batch = new Option<int>("--batch-size") { Description = "Rows per micro-batch. Default: 8.", DefaultValueFactory = _ => 8 };
        var rank = new Option<int>("--lora-rank") { Description = "Trains a low-rank adapter of this rank instead of all weights; 0 trains all. Default: 0." };
        var command = new Command(entry.Id, $"{entry.Title} (arXiv {entry.ArXiv}).").With(model, forget, retain, alternates, target, batch, rank, CommonOptions.Run);
        var method = OptionBinder.AddTo(command, entry.OptionsType);
        var training = TrainingBinder.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(parsed);
            var rows = QuestionAnswerFile.Read(parsed.GetValue(forget)!);
            var kept = parsed.GetValue(retain) is { } path ? QuestionAnswerFile.Read(path) : [];
            QuestionAnswerFile.RequireDisjoint(parsed.GetValue(forget)!, rows, parsed.GetValue(retain) ?? "", kept);
            var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "forget", session.Clock);
            run.WriteConfig(new Dictionary<string, object?>(CommonOptions.Given(parsed)) { ["method"] = entry.Id });
            using var language = LanguageModel.Load(parsed.GetValue(model)!, cancellationToken: cancellationToken);
            var refusals = parsed.GetValue(alternates) is { } file ? Lines(file) : [];
            var job = new UnlearnJob
            {
                Model = language.Decoder,
                PadId = language.PadId,
                Forget = [.. rows.Select((row, i) => language.EncodeAnswer(row.Question, row.Answer, i))],
                Retain = [.. kept.Select((row, i) => language.EncodeAnswer(row.Question, row.Answer, i))],
                Alternates = refusals.Length == 0 ? [] : [.. rows.Select(row => (IReadOnlyList<TokenSequence>)[.. refusals.Select(text => language.EncodeAnswer(row.Question, text))])],
                BatchSize = parsed.GetValue(batch),
                Training = training.Bind(parsed) with { RunFolder = run.FullPath },
                Lora = parsed.GetValue(rank) > 0 ? new() { Rank = parsed.GetValue(rank) } : null,
            };
            var result = await session.WithProgressAsync($"Forgetting by {entry.Id}", progress => entry.Create(method.Bind(parsed)).RunAsync(
                job, new StepProgress(progress, "steps"), cancellationToken)).ConfigureAwait(false);
            var folder = parsed.GetValue(target)!;
            using var changed = (LanguageModel)language.WithDecoder(result.Model, entry.Id);
            result.Adapter?.Save(Path.Combine(folder, "adapter"));
            changed.Save(folder);
            session.Result(
                new { Method = entry.Id, Model = Path.GetFullPath(folder), result.Training, result.KnowledgeInStoredWeights },
                console => console.WriteLine(FormattableString.Invariant(
                    $"{result.Training.Steps} steps in {result.Training.Seconds:f0} s; the changed model is in {folder}{(result.Adapter is null ? "" : ", its adapter in the folder's 'adapter'")}. Audit it before you believe it.")));
            return ExitCode.Done;
        });
        return command;
    }

    private static string[] Lines(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: there is no such file.");
        string[] lines = [.. File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line))];
        return lines.Length > 0 ? lines : throw new InputException($"{path}: has no line; needed is at least one answer.");
    }
}
