using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Writes report.json, report.html and certificate.json.</summary>
public static class AuditFiles
{
    private static readonly string Readable = $"this version reads 1 to {AuditReport.CurrentSchema}.";

    /// <summary>Writes the three files, and the plan where there was one; the certificate last, since it has the hashes
    /// of the others.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="folder">Is created where missing.</param>
    /// <param name="key">Signs the certificate; null makes a key for it, which the certificate calls
    /// self-signed.</param>
    /// <param name="plan">The plan that the audit was held to; null without one.</param>
    /// <exception cref="InputException">A file cannot be written, or a hash of the provenance is none.</exception>
    public static void Write(AuditReport report, string folder, SigningKey? key = null, WrittenPlan? plan = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        var json = JsonSerializer.Serialize(report, ResultJson.Format);
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), json);
        var page = ReportPage.Render([report]);
        AtomicFile.WriteText(Path.Combine(folder, "report.html"), page);
        var files = new Dictionary<string, string>
        {
            ["report.json"] = ContentHash.OfText(json),
            ["report.html"] = ContentHash.OfText(page),
        };
        if (plan is not null)
        {
            if (plan.Sha256 != report.Plan?.Sha256)
                throw new ArgumentException("The audit was not held to this plan.", nameof(plan));
            AtomicFile.Write(Path.Combine(folder, WrittenPlan.FileName), stream => stream.Write(plan.Bytes.Span));
        }

        if (report.Plan is { } held)
            files[WrittenPlan.FileName] = held.Sha256;
        using var own = key is null ? SigningKey.Create() : null;
        var certificate = AuditCertificate.Create(report, files, key ?? own!);
        AtomicFile.Write(Path.Combine(folder, Certificate.FileName), stream => stream.Write(certificate));
    }

    /// <summary>Reads an audit's report.json back.</summary>
    /// <param name="folder">Where <see cref="Write"/> wrote it.</param>
    /// <exception cref="InputException">It is missing, malformed or of a schema version that this one does not
    /// know.</exception>
    public static AuditReport Read(string folder)
    {
        var path = Path.Combine(folder, "report.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (!root.TryGetProperty("schema_version", out var version))
                throw new InputException($"{path}: schema_version is missing; {Readable}");
            return version.GetInt32() switch
            {
                1 => AuditSchema1.Read(root),
                2 => AuditSchema2.Read(root),
                AuditReport.CurrentSchema => root.Deserialize<AuditReport>(ResultJson.Format)
                    ?? throw new InputException($"{path}: is null; needed is a report."),
                var other => throw new InputException($"{path}: schema_version is {other}; {Readable}"),
            };
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
