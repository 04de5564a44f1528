using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest audit</c>: benchmarks, attacks, verdict, report.</summary>
internal static class AuditVerb
{
    public static Command Create()
    {
        var original = CommonOptions.Model("--original", "The model before forgetting.");
        var candidate = CommonOptions.Model("--model", "The model after forgetting.");
        var adapter = CommonOptions.Optional("--adapter", "A PEFT adapter of the model after forgetting.");
        var retrained = CommonOptions.Optional(
            "--retrained",
            "A model trained without the forget rows; without it the claim is weaker.",
            "model"
        );
        var forget = CommonOptions.Required(
            "--forget",
            "Forget rows with paraphrased and wrong answers (JSON or JSON lines)."
        );
        var retain = CommonOptions.Required("--retain", "Retain rows with paraphrased and wrong answers.");
        var holdout = CommonOptions.Optional("--holdout", "Rows that no model saw.", "file");
        var facts = CommonOptions.Optional(
            "--facts",
            "Facts as JSON lines; without it the rows themselves are the facts.",
            "file"
        );
        var realAuthors = CommonOptions.Optional(
            "--real-authors",
            "Questions on real authors with wrong answers, for the utility.",
            "file"
        );
        var worldFacts = CommonOptions.Optional(
            "--world-facts",
            "Questions on the world with wrong answers, for the utility.",
            "file"
        );
        var method = CommonOptions.Optional("--method", "A name for titles. Default: the model folder's.", "name");
        var forgetRun = CommonOptions.Optional(
            "--forget-run",
            "The run folder of the forget command: its method and settings go into the certificate."
        );
        var conceal = new Option<bool>("--conceal")
        {
            Description = "The certificate lists no ids of facts, only their salted commitment.",
        };
        var command = new Command(
            "audit",
            "Say what a model still says and still holds: benchmarks, Sleek, probabilities, relearning, quantisation, "
                + "logit lens, linear probe, activation patching, verdict. Exit code 1 when something is left."
        ).With(
            original,
            candidate,
            adapter,
            retrained,
            forget,
            retain,
            holdout,
            facts,
            realAuthors,
            worldFacts,
            method,
            forgetRun,
            conceal,
            CommonOptions.Device,
            CommonOptions.Run
        );
        Option[] inputs =
        [
            original,
            candidate,
            adapter,
            retrained,
            forget,
            retain,
            holdout,
            facts,
            realAuthors,
            worldFacts,
        ];
        var sleek = OptionBinder.AddTo(command, typeof(SleekOptions));
        var relearn = OptionBinder.AddTo(command, typeof(RelearnOptions));
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var (session, sleekOptions, relearnOptions) = (
                    new Session(parsed),
                    (SleekOptions)sleek.Bind(parsed),
                    (RelearnOptions)relearn.Bind(parsed)
                );
                var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
                var (forgetRows, retainRows) = (
                    QuestionAnswerFile.Read(parsed.GetValue(forget)!),
                    QuestionAnswerFile.Read(parsed.GetValue(retain)!)
                );
                var ownFacts = parsed.GetValue(facts) is { } path ? FactFile.Read(path) : null;
                var known = ownFacts ?? RowFacts.Of(forgetRows, retainRows);
                IReadOnlyList<QuestionAnswer> Rows(Option<string?> option) =>
                    parsed.GetValue(option) is { } file ? QuestionAnswerFile.Read(file) : [];
                var rows = new TofuData
                {
                    Forget = forgetRows,
                    Retain = retainRows,
                    Holdout = Rows(holdout),
                    RealAuthors = Rows(realAuthors),
                    WorldFacts = Rows(worldFacts),
                    Names = new Dictionary<string, string>
                    {
                        [nameof(TofuData.Forget)] = parsed.GetValue(forget)!,
                        [nameof(TofuData.Retain)] = parsed.GetValue(retain)!,
                        [nameof(TofuData.Holdout)] = parsed.GetValue(holdout) ?? "--holdout",
                        [nameof(TofuData.RealAuthors)] = parsed.GetValue(realAuthors) ?? "--real-authors",
                        [nameof(TofuData.WorldFacts)] = parsed.GetValue(worldFacts) ?? "--world-facts",
                    },
                };
                rows.Require(wrongAnswers: true);
                FactSets.RequireDisjoint(known);
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "audit", session.Clock);
                run.WriteConfig(parsed);
                var provenance = AuditRecord.Create(
                    parsed,
                    [.. Inputs(parsed, inputs)],
                    parsed.GetValue(forgetRun)
                ) with
                {
                    Seeds = new Dictionary<string, ulong> { ["relearning"] = relearnOptions.Seed },
                    CommitmentSalt = AuditRecord.SaltOf(run),
                    ListsIds = !parsed.GetValue(conceal),
                };
                var notVisited = NotVisitedPlaces.Of(
                    parsed.GetValue(original)!,
                    parsed.GetValue(candidate)!,
                    parsed.GetValue(adapter)
                );
                var written = ownFacts is null
                    ? RowFacts.Probes(known.Where(fact => fact.Scope == FactScope.Forget))
                    : [];
                var probes = Probes(run, known, sleekOptions, written);
                using var before = LanguageModel.Load(
                    parsed.GetValue(original)!,
                    device: device,
                    cancellationToken: cancellationToken
                );
                using var after = LanguageModel.Load(
                    parsed.GetValue(candidate)!,
                    parsed.GetValue(adapter),
                    device: device,
                    cancellationToken: cancellationToken
                );
                using var never = parsed.GetValue(retrained) is { } folder
                    ? LanguageModel.Load(folder, device: device, cancellationToken: cancellationToken)
                    : null;
                var request = new AuditRequest
                {
                    Method = parsed.GetValue(method) ?? after.Name,
                    Models = new(before, after, never),
                    Facts = known,
                    Rows = rows,
                    Probes = probes,
                    Judge = ownFacts is null ? new RecallJudge() : new AliasJudge(),
                    Sleek = sleekOptions,
                    Tests = DefaultTests.Create(known, relearnOptions),
                    Provenance = provenance,
                    NotVisited = notVisited,
                    Stages = run.Stages,
                };
                var report = await run.ResumableAsync(() =>
                        session.WithProgressAsync(
                            "Audit",
                            progress => new Auditor(session.Clock).RunAsync(request, progress, cancellationToken)
                        )
                    )
                    .ConfigureAwait(false);
                AuditFiles.Write(report, run.FullPath);
                session.Result(
                    report,
                    console =>
                    {
                        if (AuditTable.Claim([report]) is { } claim)
                            console.WriteLine(claim);
                        console.Write(AuditTable.Of([report]));
                        console.WriteLine(report.Verdict.Reason);
                        console.WriteLine("Not visited:");
                        foreach (var place in report.NotVisited)
                            console.WriteLine($"  {place}");
                        console.WriteLine($"report.html, report.json and certificate.json are in {run.FullPath}");
                        console.WriteLine(
                            $"Keep {AuditRecord.SaltName}: with it and the facts anyone can check the certificate's "
                                + "commitment."
                        );
                    }
                );
                return report.Verdict.Label == RemovalLabel.RemovalConsistent ? ExitCode.Done : ExitCode.Failed;
            }
        );
        return command;
    }

    /// <summary>The probes of the run folder, or new ones, which are kept there: every model is asked the
    /// same.</summary>
    private static IReadOnlyList<SleekProbe> Probes(
        RunFolder run,
        IReadOnlyList<Fact> facts,
        SleekOptions options,
        IReadOnlyList<SleekProbe> written
    )
    {
        var file = run.File("probes.jsonl");
        if (File.Exists(file))
            return ProbeFile.Read(file, facts);
        var probes = OfflineProbes.Generate(facts, options, written);
        ProbeFile.Write(file, probes);
        return probes;
    }

    /// <summary>Every model folder and data file that was given, under the option's name.</summary>
    private static IEnumerable<(string Name, string Path)> Inputs(ParseResult parsed, IReadOnlyList<Option> options) =>
        options
            .Select(option =>
                (
                    Name: option.Name.TrimStart('-'),
                    Path: parsed.GetResult(option)?.Tokens is [var token, ..] ? token.Value : null
                )
            )
            .Where(given => given.Path is not null)
            .Select(given => (given.Name, given.Path!));
}
