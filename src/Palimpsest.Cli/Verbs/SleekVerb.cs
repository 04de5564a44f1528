using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack sleek</c>.</summary>
internal static class SleekVerb
{
    private static readonly Option<string> Judge = new("--judge")
    {
        Description = "How replies are judged: alias (an expected answer stands in it) or overlap (enough of its words do).",
        DefaultValueFactory = _ => "alias",
        HelpName = "alias|overlap",
    };

    private static readonly Option<bool> WholeTopic = new("--whole-topic")
    {
        Description = "A whole topic is to be forgotten: the judge's model counts any fact of it, not just the one asked for.",
    };

    private static readonly Option<bool> Scored = new("--scored")
    {
        Description = "Also compare the probabilities of candidate answers, for models too small to follow instructions; facts need candidates.",
    };

    public static Command Create()
    {
        var (original, model) = (CommonOptions.Model("--original", "The model before forgetting."), CommonOptions.Model("--model", "The model after forgetting."));
        var adapter = CommonOptions.Optional("--adapter", "A PEFT adapter of the model after forgetting.");
        var retrained = CommonOptions.Optional("--retrained", "A model trained without the forget rows.");
        var facts = CommonOptions.Required("--facts", "Facts as JSON lines.");
        var probes = CommonOptions.Optional("--probes", "Probes as JSON lines: used when the file is there, written to it otherwise.", "file");
        var command = new Command("sleek", "Sleek (arXiv 2506.17279): ask around an erased fact. Exit code 1 when something leaks.")
            .With(original, model, adapter, retrained, facts, probes, Judge, WholeTopic, Scored, CommonOptions.Device, CommonOptions.Run);
        var generator = new EndpointOptions(command, "generator", "A model that writes the probes, instead of templates");
        var judge = new EndpointOptions(command, "judge", "A model that judges the replies in which no expected answer stands");
        var (binder, policies) = (OptionBinder.AddTo(command, typeof(SleekOptions)), OptionBinder.AddTo(command, typeof(RequestPolicy)));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(parsed);
            var (options, policy) = ((SleekOptions)binder.Bind(parsed), (RequestPolicy)policies.Bind(parsed));
            var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
            using var writer = generator.Connect(parsed);
            using var reader = judge.Connect(parsed);
            var judges = JudgeOf(parsed, reader is null ? null : new ChatClientTextModel(reader, judge.ModelName(parsed)!, policy));
            var known = FactFile.Read(parsed.GetValue(facts)!);
            var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "attack-sleek", session.Clock);
            run.WriteConfig(parsed);
            var scores = new Dictionary<string, IReadOnlyList<ScoredProbe>>();
            var (origin, report) = await session.WithProgressAsync("Sleek", async progress =>
            {
                var (origin, asked) = await SleekProbes.GetAsync(
                    parsed.GetValue(probes), known, options, writer is null ? null : new ChatClientTextModel(writer, generator.ModelName(parsed)!, policy), progress, cancellationToken)
                    .ConfigureAwait(false);
                ProbeFile.Write(run.File("probes.jsonl"), asked);
                async Task<IReadOnlyList<SleekReply>?> Ask(string name, string? folder, string? adapter = null)
                {
                    if (folder is null)
                        return null;
                    using var language = LanguageModel.Load(folder, adapter, device: device, cancellationToken: cancellationToken);
                    var replies = await new Sleek(options, judges).AskAsync(language, asked, progress, cancellationToken).ConfigureAwait(false);
                    ProbeFile.WriteReplies(run.File($"replies-{name}.jsonl"), replies);
                    if (parsed.GetValue(Scored))
                        scores[name] = await ScoredSleek.AskAsync(language, known, asked, cancellationToken).ConfigureAwait(false);
                    return replies;
                }

                var before = await Ask("original", parsed.GetValue(original)).ConfigureAwait(false);
                var after = await Ask("candidate", parsed.GetValue(model), parsed.GetValue(adapter)).ConfigureAwait(false);
                var never = await Ask("retrained", parsed.GetValue(retrained)).ConfigureAwait(false);
                return (origin, Sleek.Report(before!, after!, never, known));
            }).ConfigureAwait(false);
            var scored = scores.Count == 0 ? null : ScoredSleek.Report(scores["original"], scores["candidate"], scores.GetValueOrDefault("retrained"));
            var result = new { Probes = origin, Judge = judges.Name, Report = report, Scored = scored };
            AtomicFile.WriteText(run.File("report.json"), JsonSerializer.Serialize(result, Session.JsonFormat));
            session.Result(result, console =>
            {
                console.Write(SleekTable.Of(report));
                foreach (var note in SleekTable.Notes(report))
                    console.WriteLine(note);
                if (scored is not null)
                    console.WriteLine(SleekTable.Note(scored));
                console.WriteLine(
                    $"{origin.Count} probes from {origin.Source}" + (origin.Written + origin.Fallbacks == 0 ? "" : $" ({origin.Fallbacks} of {origin.Written + origin.Fallbacks} facts fell back on templates, {origin.Relabelled} relabelled, {origin.Dropped} dropped)")
                    + $"; judged by {judges.Name}. Probes, replies and report are in {run.FullPath}");
            });
            return report.Leak.Hits == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static IJudge JudgeOf(ParseResult parsed, ITextModel? model)
    {
        IJudge first = parsed.GetValue(Judge) switch
        {
            "alias" => new AliasJudge(),
            "overlap" => new OverlapJudge(),
            var other => throw new InputException($"{Judge.Name}: '{other}' is not one of alias, overlap."),
        };
        if (model is null && parsed.GetValue(WholeTopic))
            throw new InputException($"{WholeTopic.Name} needs --judge-endpoint.");
        return model is null ? first : new LayeredJudge(first, new LanguageModelJudge(model, parsed.GetValue(WholeTopic)));
    }
}
