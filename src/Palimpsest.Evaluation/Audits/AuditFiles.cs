using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Writes report.json, report.html and certificate.json.</summary>
public static class AuditFiles
{
    /// <summary>Writes the three files; the certificate last, since it has the hash of the report.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="folder">Is created where missing.</param>
    /// <exception cref="InputException">A file cannot be written.</exception>
    public static void Write(AuditReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        var json = JsonSerializer.Serialize(report, AuditReport.Json);
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), json);
        var page = ReportPage.Render([report]);
        AtomicFile.WriteText(Path.Combine(folder, "report.html"), page);
        var certificate = new
        {
            schema_version = 1,
            finished = report.Finished,
            method = report.Method,
            verdict = report.Verdict.Label,
            reason = report.Verdict.Reason,
            utility = report.Verdict.Utility,
            behaviour = report.Verdict.Behaviour,
            evidence = report.Verdict.Evidence,
            thresholds = report.Thresholds,
            not_tested = report.Verdict.Missing,
            not_visited = report.NotVisited,
            rows = report.Rows,
            leaks_judged_by = report.Judge,
            hashes = new Dictionary<string, string>(report.Hashes)
            {
                ["probes"] = report.Sleek.ProbesHash,
                ["report.json"] = ContentHash.OfText(json),
                ["report.html"] = ContentHash.OfText(page),
            },
            versions = report.Environment,
            seeds = report.Seeds,
            statement = ReportText.Statement,
        };
        AtomicFile.WriteText(
            Path.Combine(folder, "certificate.json"),
            JsonSerializer.Serialize(certificate, AuditReport.Json)
        );
    }

    /// <summary>Reads an audit's report.json back.</summary>
    /// <param name="folder">Where <see cref="Write"/> wrote it.</param>
    /// <exception cref="InputException">It is missing, malformed or of another schema version.</exception>
    public static AuditReport Read(string folder)
    {
        var path = Path.Combine(folder, "report.json");
        try
        {
            var bytes = File.ReadAllBytes(path);
            using (var document = JsonDocument.Parse(bytes))
            {
                if (
                    !document.RootElement.TryGetProperty("schema_version", out var version)
                    || version.GetInt32() != AuditReport.CurrentSchema
                )
                    throw new InputException(
                        $"{path}: schema_version is "
                            + $"{(version.ValueKind == JsonValueKind.Undefined ? "missing" : version)}; this version "
                            + $"reads {AuditReport.CurrentSchema}."
                    );
            }

            return JsonSerializer.Deserialize<AuditReport>(bytes, AuditReport.Json)
                ?? throw new InputException($"{path}: is null; needed is a report.");
        }
        catch (Exception error)
            when (error
                    is IOException
                        or UnauthorizedAccessException
                        or JsonException
                        or InvalidOperationException
                        or FormatException
            )
        {
            throw new InputException(
                $"{path}: is not an audit's report: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }
}
