using System.CommandLine;
using Palimpsest.Erasure;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest audit</c>: benchmarks, attacks, verdict, report.</summary>
internal sealed class AuditVerb : Verb
{
    private readonly ModelBinder _candidate;
    private readonly Option<string?> _original = ModelBinder.Original();
    private readonly Option<string?> _retrained = ModelBinder.Retrained("the claim is weaker");
    private readonly AuditData _data;
    private readonly Option<string?> _method = CommonOptions.Optional(
        "--method",
        "A name for titles. Default: the model folder's.",
        "name"
    );
    private readonly Option<string?> _forgetRun = CommonOptions.Optional(
        AuditRecord.ForgetRun,
        "The run folder of the forget command: its method and settings go into the certificate."
    );
    private readonly Option<bool> _conceal = new("--conceal")
    {
        Description = "The certificate lists no ids of facts, only their salted commitment.",
    };

    private readonly Option<string?> _signKey = CommonOptions.Optional(
        AuditRecord.SignKey,
        "A private key (PEM, P-256) that signs the certificate. Without it one is made, which shows not who signed.",
        "file"
    );

    private readonly PlannedAudit _plan;
    private readonly OptionBinder _sleek;
    private readonly OptionBinder _relearn;

    public AuditVerb()
        : base(
            "audit",
            "Say what a model still says and still holds: benchmarks, Sleek, probabilities, relearning, quantisation, "
                + "logit lens, linear probe, activation patching, verdict. Exit code 1 when something is left.",
            "audit --original runs/model --model runs/forgot --forget forget.jsonl --retain retain.jsonl"
        )
    {
        _candidate = ModelBinder.AddTo(this, "The model after forgetting.");
        this.With(_original, _retrained);
        _data = new(this);
        _plan = new(this);
        this.With(_method, _forgetRun, _conceal, _signKey, CommonOptions.Run);
        _sleek = OptionBinder.AddTo(this, typeof(SleekOptions));
        _relearn = OptionBinder.AddTo(this, typeof(RelearnOptions));
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (relearn, sleek, model) = (
            (RelearnOptions)_relearn.Bind(parsed),
            (SleekOptions)_sleek.Bind(parsed),
            _candidate.Bind(parsed)
        );
        var rows = _data.Rows(parsed);
        var own = _data.Facts(parsed);
        var facts = own ?? RowFacts.Of(rows.Forget, rows.Retain);
        rows.Require(wrongAnswers: true);
        FactSets.RequireDisjoint(facts);
        var place = _plan.PlaceOf(parsed);
        var plan = _plan.Read(parsed);
        using var key = parsed.GetValue(_signKey) is { } keyFile ? SigningKey.Read(keyFile) : null;
        var run = place is null ? RunFolder.Open(parsed.GetValue(CommonOptions.Run), "audit", session.Clock) : null;
        run?.WriteConfig(parsed);
        using var before = model.LoadOther(parsed.GetValue(_original)!, cancellationToken);
        using var after = model.Load(cancellationToken);
        using var never = parsed.GetValue(_retrained) is { } path ? model.LoadOther(path, cancellationToken) : null;
        var request = new AuditRequest
        {
            Method = parsed.GetValue(_method) ?? after.Name,
            Models = new(before, after, never),
            Facts = facts,
            Rows = rows,
            Probes = Probes(run, facts, sleek, ownFacts: own is not null),
            Judge = own is null ? new RecallJudge() : new AliasJudge(),
            Sleek = sleek,
            Tests = DefaultTests.Create(facts, relearn),
            Provenance = Provenance(parsed, run, relearn),
            NotVisited = NotVisitedPlaces.Of(parsed.GetValue(_original)!, model.Path, model.Adapter),
            Stages = run?.Stages ?? StageFolder.None,
            Plan = plan,
        };
        var auditor = new Auditor(session.Clock);
        if (run is null)
            return Plan(session, WrittenPlan.Write(place!, auditor.Plan(request)), place!);
        _plan.Require(parsed, auditor, request);
        var measured = await run.ResumableAsync(() =>
                session.WithProgressAsync("Audit", progress => auditor.RunAsync(request, progress, cancellationToken))
            )
            .ConfigureAwait(false);
        return Finish(session, PlannedAudit.Closed(measured), run, key, plan);
    }

    private static int Finish(Session session, AuditReport report, RunFolder run, SigningKey? key, WrittenPlan? plan)
    {
        AuditFiles.Write(report, run.FullPath, key, plan);
        session.Result(report, console => Draw(console, report, run));
        if (report.Plan is { Tampered: true })
            return ExitCode.Tampered;
        return report.Verdict.Label == RemovalLabel.RemovalConsistent ? ExitCode.Done : ExitCode.Failed;
    }

    private static int Plan(Session session, WrittenPlan plan, string place)
    {
        session.Result(
            new { Plan = place, plan.Sha256 },
            console =>
            {
                console.WriteLine(
                    $"{place}: the plan; follow it with the same command and {PlannedAudit.Follow} {place}"
                );
                console.WriteLine($"SHA-256: {plan.Sha256}");
                console.WriteLine("Publish that number before the audit: it shows that the plan was there.");
            }
        );
        return ExitCode.Done;
    }

    private AuditProvenance Provenance(ParseResult parsed, RunFolder? run, RelearnOptions relearn) =>
        AuditRecord.Create(parsed, parsed.GetValue(_forgetRun)) with
        {
            Seeds = new Dictionary<string, ulong> { ["relearning"] = relearn.Seed },
            CommitmentSalt = run is null ? null : AuditRecord.SaltOf(run),
            ListsIds = !parsed.GetValue(_conceal),
        };

    /// <summary>The probes of the run folder, or new ones, which are kept there: every model is asked the
    /// same.</summary>
    private static IReadOnlyList<SleekProbe> Probes(
        RunFolder? run,
        IReadOnlyList<Fact> facts,
        SleekOptions options,
        bool ownFacts
    )
    {
        var file = run?.File("probes.jsonl");
        if (File.Exists(file))
            return ProbeFile.Read(file, facts);
        IReadOnlyList<SleekProbe> written = ownFacts
            ? []
            : RowFacts.Probes(facts.Where(fact => fact.Scope == FactScope.Forget));
        var probes = OfflineProbes.Generate(facts, options, written);
        if (file is not null)
            ProbeFile.Write(file, probes);
        return probes;
    }

    private static void Draw(IAnsiConsole console, AuditReport report, RunFolder run)
    {
        if (report.Plan is { Tampered: true } plan)
            console.WriteLine($"TAMPERED: the audit differs from its plan: {string.Join("; ", plan.Deviations)}");
        if (AuditTable.Claim([report]) is { } claim)
            console.WriteLine(claim);
        console.WriteTable(AuditTable.Of([report]));
        console.WriteLine(report.Verdict.Reason);
        console.WriteLine("Not visited:");
        foreach (var place in report.NotVisited)
            console.WriteLine($"  {place}");
        console.WriteLine($"report.html, report.json and certificate.json are in {run.FullPath}");
        console.WriteLine($"Check it with: palimpsest verify {run.File(Certificate.FileName)}");
        console.WriteLine(
            $"Keep {AuditRecord.SaltName}: with it and the facts anyone can check the certificate's commitment."
        );
    }
}
