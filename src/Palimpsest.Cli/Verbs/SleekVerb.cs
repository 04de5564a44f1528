using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack sleek</c>.</summary>
internal sealed class SleekVerb
{
    private readonly Option<string> _original = CommonOptions.Model("--original", "The model before forgetting.");
    private readonly Option<string> _model = CommonOptions.Model("--model", "The model after forgetting.");
    private readonly Option<string?> _adapter = CommonOptions.Optional(
        "--adapter",
        "A PEFT adapter of the model after forgetting."
    );
    private readonly Option<string?> _retrained = CommonOptions.Optional(
        "--retrained",
        "A model trained without the forget rows.",
        "model"
    );
    private readonly Option<string> _facts = CommonOptions.Required("--facts", "Facts as JSON lines.");
    private readonly Option<string?> _probes = CommonOptions.Optional(
        "--probes",
        "Probes as JSON lines: used when the file is there, written to it otherwise.",
        "file"
    );
    private readonly Option<string> _judge = new("--judge")
    {
        Description =
            "How replies are judged: alias (an expected answer stands in it) or overlap (enough of its words do).",
        DefaultValueFactory = _ => "alias",
        HelpName = "alias|overlap",
    };

    private readonly Option<bool> _wholeTopic = new("--whole-topic")
    {
        Description =
            "A whole topic is to be forgotten: the judge's model counts any fact of it, not just the one asked for.",
    };

    private readonly Option<bool> _scored = new("--scored")
    {
        Description =
            "Also compare the probabilities of candidate answers, for models too small to follow instructions; facts "
            + "need candidates.",
    };

    private readonly Command _command;
    private readonly EndpointOptions _generatorEndpoint;
    private readonly EndpointOptions _judgeEndpoint;
    private readonly OptionBinder _options;
    private readonly OptionBinder _policy;

    private SleekVerb()
    {
        _command = new Command(
            "sleek",
            "Sleek (arXiv 2506.17279): ask around an erased fact. Exit code 1 when something leaks."
        ).With(
            _original,
            _model,
            _adapter,
            _retrained,
            _facts,
            _probes,
            _judge,
            _wholeTopic,
            _scored,
            CommonOptions.Device,
            CommonOptions.Run
        );
        _generatorEndpoint = new(_command, "generator", "A model that writes the probes, instead of templates");
        _judgeEndpoint = new(_command, "judge", "A model that judges the replies in which no expected answer stands");
        (_options, _policy) = (
            OptionBinder.AddTo(_command, typeof(SleekOptions)),
            OptionBinder.AddTo(_command, typeof(RequestPolicy))
        );
        _command.SetAction(RunAsync);
    }

    public static Command Create() => new SleekVerb()._command;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var session = new Session(parsed);
        var (options, policy) = ((SleekOptions)_options.Bind(parsed), (RequestPolicy)_policy.Bind(parsed));
        var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
        using var generator = _generatorEndpoint.Connect(parsed);
        using var judgeClient = _judgeEndpoint.Connect(parsed);
        var judge = JudgeOf(
            parsed,
            judgeClient is null ? null : new ChatClientTextModel(judgeClient, _judgeEndpoint.ModelName(parsed)!, policy)
        );
        var writer = generator is null
            ? null
            : new ChatClientTextModel(generator, _generatorEndpoint.ModelName(parsed)!, policy);
        var facts = FactFile.Read(parsed.GetValue(_facts)!);
        FactSets.RequireDisjoint(facts);
        if (parsed.GetValue(_scored))
            FactSets.RequireCandidates(facts.Where(fact => fact.Scope == FactScope.Forget));
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "attack-sleek", session.Clock);
        run.WriteConfig(parsed);
        var stages = run.Stages;
        var (origin, report, scored) = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    "Sleek",
                    async progress =>
                    {
                        var (origin, probes) = await stages
                            .GetAsync(
                                "probes",
                                () =>
                                    SleekProbes.GetAsync(
                                        parsed.GetValue(_probes),
                                        facts,
                                        options,
                                        writer,
                                        progress,
                                        cancellationToken
                                    )
                            )
                            .ConfigureAwait(false);
                        ProbeFile.Write(run.File("probes.jsonl"), probes);
                        var attack = new SleekAttack(
                            new Sleek(options, judge),
                            facts,
                            probes,
                            parsed.GetValue(_scored),
                            run,
                            stages,
                            device,
                            progress
                        );
                        await attack
                            .AskAsync("original", parsed.GetValue(_original), null, cancellationToken)
                            .ConfigureAwait(false);
                        await attack
                            .AskAsync(
                                "candidate",
                                parsed.GetValue(_model),
                                parsed.GetValue(_adapter),
                                cancellationToken
                            )
                            .ConfigureAwait(false);
                        await attack
                            .AskAsync("retrained", parsed.GetValue(_retrained), null, cancellationToken)
                            .ConfigureAwait(false);
                        return (origin, attack.Report(), attack.ScoredReport());
                    }
                )
            )
            .ConfigureAwait(false);
        var result = new
        {
            Probes = origin,
            Judge = judge.Name,
            Report = report,
            Scored = scored,
        };
        AtomicFile.WriteText(run.File("report.json"), JsonSerializer.Serialize(result, Session.JsonFormat));
        session.Result(
            result,
            console =>
            {
                console.Write(SleekTable.Of(report));
                foreach (var note in SleekTable.Notes(report, scored))
                    console.WriteLine(note);
                console.WriteLine(
                    $"{origin.Describe()}; judged by {judge.Name}. Probes, replies and report are in {run.FullPath}"
                );
            }
        );
        return report.Leak.Hits == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private IJudge JudgeOf(ParseResult parsed, ITextModel? model)
    {
        IJudge first = parsed.GetValue(_judge) switch
        {
            "alias" => new AliasJudge(),
            "overlap" => new OverlapJudge(),
            var other => throw new InputException($"{_judge.Name}: '{other}' is not one of alias, overlap."),
        };
        if (model is null && parsed.GetValue(_wholeTopic))
            throw new InputException($"{_wholeTopic.Name} needs --judge-endpoint.");
        return model is null
            ? first
            : new LayeredJudge(first, new LanguageModelJudge(model, parsed.GetValue(_wholeTopic)));
    }
}
