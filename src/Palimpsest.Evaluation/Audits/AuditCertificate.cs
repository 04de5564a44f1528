using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>What a certificate says: what was to be forgotten, by which method, what was tested and found, on what,
/// and what was not tested. No text of models or data is in it.</summary>
internal static class AuditCertificate
{
    /// <summary>The certificate as JSON.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="files">Hashes of the written reports by file name.</param>
    public static string Create(AuditReport report, IReadOnlyDictionary<string, string> files)
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
        return JsonSerializer.Serialize(certificate, ResultJson.Format);
    }

    private static Recovery[] EvidenceOn(AuditAxis axis, AuditReport report) =>
        [.. report.Verdict.Evidence.Where(test => test.Axis == axis)];
}
