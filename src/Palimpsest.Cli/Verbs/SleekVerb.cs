using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack sleek</c>.</summary>
internal sealed class SleekVerb : Verb
{
    private readonly ModelBinder _candidate;
    private readonly Option<string?> _original = ModelBinder.Original();
    private readonly Option<string?> _retrained = ModelBinder.Retrained();
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

    private readonly EndpointOptions _generatorEndpoint;
    private readonly EndpointOptions _judgeEndpoint;
    private readonly OptionBinder _options;
    private readonly OptionBinder _policy;

    public SleekVerb(CatalogEntry entry)
        : base(
            entry.Id,
            $"{entry.Title} (arXiv {entry.ArXiv}): ask around an erased fact. Exit code 1 when something leaks.",
            "attack sleek --original runs/model --model runs/forgot --facts facts.jsonl"
        )
    {
        _candidate = ModelBinder.AddTo(this, "The model after forgetting.");
        this.With(_original, _retrained, _facts, _probes, _judge, _wholeTopic, _scored, CommonOptions.Run);
        _generatorEndpoint = new(this, "generator", "A model that writes the probes, instead of templates");
        _judgeEndpoint = new(this, "judge", "A model that judges the replies in which no expected answer stands");
        _options = OptionBinder.AddTo(this, entry.OptionsType);
        _policy = OptionBinder.AddTo(this, typeof(RequestPolicy));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (options, policy) = ((SleekOptions)_options.Bind(parsed), (RequestPolicy)_policy.Bind(parsed));
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
        var attack = new SleekAttack(options, judge, facts, _candidate.Bind(parsed))
        {
            Original = parsed.GetValue(_original)!,
            Retrained = parsed.GetValue(_retrained),
            ProbeFile = parsed.GetValue(_probes),
            Writer = writer,
            Scored = parsed.GetValue(_scored),
        };
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "attack-sleek", session.Clock);
        run.WriteConfig(parsed);
        var result = await run.ResumableAsync(() =>
                session.WithProgressAsync("Sleek", progress => attack.RunAsync(run, progress, cancellationToken))
            )
            .ConfigureAwait(false);
        AtomicFile.WriteText(run.File("report.json"), JsonSerializer.Serialize(result, Session.JsonFormat));
        session.Result(
            result,
            console =>
            {
                console.WriteTable(SleekTable.Of(result.Report));
                foreach (var note in SleekTable.Notes(result.Report, result.Scored))
                    console.WriteLine(note);
                console.WriteLine(
                    $"{result.Probes.Describe()}; judged by {judge.Name}. Probes, replies and report are in "
                        + run.FullPath
                );
            }
        );
        return result.Report.Leak.Hits == 0 ? ExitCode.Done : ExitCode.Failed;
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
