using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Evaluation;

/// <summary>What a certificate says: what was to be forgotten, by which method, what was tested and found, on what,
/// and what was not tested. No text of models or data is in it.</summary>
internal static class AuditCertificate
{
    private static readonly Dictionary<string, string> Roles = new(StringComparer.Ordinal)
    {
        ["original"] = "model-before",
        ["model"] = "model-after",
    };

    /// <summary>The signed certificate, as its file stands.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="files">Hashes of the written reports by file name.</param>
    /// <param name="key">Signs.</param>
    /// <exception cref="InputException">A hash of the provenance is none, or two have names that are the
    /// same.</exception>
    public static byte[] Create(AuditReport report, IReadOnlyDictionary<string, string> files, SigningKey key) =>
        Certificate.Create(
            Certificate.AuditPredicate,
            [
                .. report
                    .Provenance.Hashes.Concat(files)
                    .Select(hash => new StatementSubject(NameOf(hash.Key), hash.Value)),
            ],
            Predicate(report, files),
            NotProven(report),
            key
        );

    private static string NameOf(string hash) => Roles.GetValueOrDefault(hash) ?? StatementSubject.NameOf(hash);

    private static string[] NotProven(AuditReport report) =>
        [
            "removal: absence of recovery by the tests that were made is evidence, not proof",
            "anything by tests that were not made, or of places that were not visited; both are listed",
            report.Plan is null
                ? "that tests and thresholds were chosen before anything was measured: there was no plan"
                : "that the plan was written before anything was measured: its digest, published then, shows it",
            .. report.HasRetrained
                ? Array.Empty<string>()
                : ["how a model that never saw the facts does: none was given, chance stands in for it"],
        ];

    private static JsonObject Predicate(AuditReport report, IReadOnlyDictionary<string, string> files)
    {
        var provenance = report.Provenance;
        var hashes = new Dictionary<string, string>(provenance.Hashes) { ["probes"] = report.ProbesHash };
        foreach (var (name, hash) in files)
            hashes[name] = hash;
        var certificate = new
        {
            SchemaVersion = AuditReport.CurrentSchema,
            report.Finished,
            report.Method,
            ToBeForgotten = report.Forgotten,
            provenance.Unlearning,
            report.Verdict.Label,
            report.Verdict.Reason,
            Claim = report.HasRetrained
                ? "compared with a retrained model"
                : "weaker: no retrained model was given, chance stands in for it",
            report.Reference,
            report.Verdict.Utility,
            WhatItSays = EvidenceOn(AuditAxis.Says, report),
            WhatItStillHolds = EvidenceOn(AuditAxis.Holds, report),
            report.Thresholds,
            report.Plan,
            NotTested = report.Verdict.Missing,
            report.NotVisited,
            report.Rows,
            SaysJudgedBy = report.Judge,
            provenance.Paths,
            provenance.Options,
            Hashes = hashes,
            Versions = report.Environment,
            provenance.Seeds,
            ReportText.Statement,
        };
        return JsonSerializer.SerializeToNode(certificate, ResultJson.Format)!.AsObject();
    }

    private static Recovery[] EvidenceOn(AuditAxis axis, AuditReport report) =>
        [.. report.Verdict.Evidence.Where(test => test.Axis == axis)];
}
