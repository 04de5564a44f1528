using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Samples.Tofu;

/// <summary>Asks every candidate what is left; the original and the retrained model are measured once.</summary>
internal sealed class Auditing
{
    private const int RetainFacts = 100;

    private readonly Auditor _auditor = new(TimeProvider.System);
    private readonly TofuPlan _plan;
    private readonly TofuRows _rows;
    private readonly string _dataHash;
    private readonly ProgressLines _progress;
    private readonly IReadOnlyList<Fact> _facts;
    private readonly IReadOnlyList<SleekProbe> _probes;
    private readonly IReadOnlyList<IAuditTest> _tests;
    private readonly SleekOptions _sleek;
    private readonly RecallJudge _judge = new();

    public Auditing(TofuPlan plan, TofuRows rows, string dataHash, ProgressLines progress)
    {
        (_plan, _rows, _dataHash, _progress) = (plan, rows, dataHash, progress);
        _facts = RowFacts.Of(rows.Evaluated.Forget, [.. rows.Evaluated.Retain.Take(RetainFacts)]);
        Fact[] forget = [.. _facts.Where(fact => fact.Scope == FactScope.Forget)];
        _sleek = new() { Seed = plan.Seed };
        _probes = OfflineProbes.Generate(_facts, _sleek, RowFacts.Probes(forget));
        _tests = AuditBattery.Default(
            _facts,
            rows => new RelearnTransform(rows, new() { Seed = plan.Seed }),
            bits => new QuantizeTransform(new() { Bits = bits }),
            new()
        );
    }

    /// <summary>Audits a candidate and writes report.html, report.json and certificate.json.</summary>
    /// <param name="name">The candidate's name in the report.</param>
    /// <param name="models">The original, the candidate and the retrained model.</param>
    /// <param name="modelHash">Hash of the candidate's folder.</param>
    /// <param name="target">The folder of the report.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<AuditReport> RunAsync(
        string name,
        ModelTriple models,
        string modelHash,
        string target,
        CancellationToken cancellationToken
    )
    {
        if (File.Exists(Path.Combine(target, "certificate.json")))
            return AuditFiles.Read(target);
        var request = new AuditRequest
        {
            Method = name,
            Models = models,
            Facts = _facts,
            Rows = _rows.Evaluated,
            Probes = _probes,
            Judge = _judge,
            Sleek = _sleek,
            Tests = _tests,
            Stages = new(Path.Combine(target, "stages")),
            Provenance = new()
            {
                Unlearning = new Dictionary<string, string> { ["method"] = name },
                Hashes = new Dictionary<string, string> { ["model"] = modelHash, ["data"] = _dataHash },
                Seeds = new Dictionary<string, ulong>
                {
                    ["full"] = _plan.Seed,
                    ["retrained"] = _plan.Seed + 1,
                    ["forgetting"] = _plan.Seed,
                    ["relearning"] = _plan.Seed,
                },
            },
        };
        var report = await _auditor.RunAsync(request, _progress, cancellationToken).ConfigureAwait(false);
        AuditFiles.Write(report, target);
        return report;
    }
}
