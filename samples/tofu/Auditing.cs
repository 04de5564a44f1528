using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Samples.Tofu;

/// <summary>Asks every candidate what is left; the original and the retrained model are measured once.</summary>
internal sealed class Auditing(TofuPlan plan, TofuRows rows, string dataHash, ProgressLines progress)
{
    private readonly Auditor _auditor = new(TimeProvider.System);
    private readonly IReadOnlyList<Fact> _facts = RowFacts.Of(rows.Evaluated.Forget, rows.Evaluated.Retain);
    private readonly RecallJudge _judge = new();
    private readonly SleekOptions _sleek = new() { Seed = plan.Seed };
    private readonly TofuOptions _tofu = new();
    private IReadOnlyList<SleekProbe>? _probes;

    /// <summary>Audits a candidate and writes report.html, report.json and certificate.json.</summary>
    /// <param name="name">The candidate's name in the report.</param>
    /// <param name="models">The original, the candidate and the retrained model.</param>
    /// <param name="modelHash">Hash of the candidate's folder.</param>
    /// <param name="target">The folder of the report.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<AuditReport> RunAsync(string name, ModelTriple models, string modelHash, string target, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(target, "certificate.json")))
            return AuditFiles.Read(target);
        var request = new AuditRequest
        {
            Method = name,
            Models = models,
            Facts = _facts,
            Rows = rows.Evaluated,
            Probes = _probes ??= RowFacts.Probes(_facts.Where(fact => fact.Scope == FactScope.Forget)),
            Judge = _judge,
            Tofu = _tofu,
            Sleek = _sleek,
            Tests = Tests(),
            Hashes = new Dictionary<string, string> { ["model"] = modelHash, ["data"] = dataHash },
            Seeds = new Dictionary<string, ulong> { ["full"] = plan.Seed, ["retrained"] = plan.Seed + 1, ["forgetting"] = plan.Seed, ["relearning"] = plan.Seed },
        };
        var report = await _auditor.RunAsync(request, progress, cancellationToken).ConfigureAwait(false);
        AuditFiles.Write(report, target);
        return report;
    }

    /// <summary>Teaches half of the authors again and measures the others; rounds the weights to 8 and to 4 bits.</summary>
    private RobustnessTest[] Tests()
    {
        Fact[] forget = [.. _facts.Where(fact => fact.Scope == FactScope.Forget)];
        var split = RelearnSplit.Of(forget);
        return
        [
            new("relearning", new RelearnTransform(split.Rows, new() { Seed = plan.Seed }), split.Measured, AlsoOnRetrained: true),
            new("8-bit quantisation", new QuantizeTransform(new() { Bits = 8 }), forget, AlsoOnRetrained: false),
            new("4-bit quantisation", new QuantizeTransform(new() { Bits = 4 }), forget, AlsoOnRetrained: false),
        ];
    }
}
