using System.Security.Cryptography;
using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class AuditFilesTests
{
    [Fact]
    public void A_report_is_read_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        var report = SampleReport.Of("npo", "Tarnholm");
        AuditFiles.Write(report, folder.Path);
        var again = AuditFiles.Read(folder.Path);
        Assert.Equal(
            JsonSerializer.Serialize(report, AuditReport.Json),
            JsonSerializer.Serialize(again, AuditReport.Json)
        );
        Assert.Equal(0.05, again.Verdict.Evidence[0].RetrainedAfter);
    }

    [Fact]
    public void The_certificate_has_the_hashes_of_the_reports_and_what_was_not_tested()
    {
        using var folder = new TemporaryFolder();
        AuditFiles.Write(SampleReport.Of("npo", "Tarnholm"), folder.Path);
        using var certificate = JsonDocument.Parse(File.ReadAllBytes(folder.File("certificate.json")));
        foreach (var file in new[] { "report.json", "report.html" })
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File(file))));
            Assert.Equal(hash, certificate.RootElement.GetProperty("hashes").GetProperty(file).GetString());
        }

        Assert.Equal("soft prompts", certificate.RootElement.GetProperty("not_tested")[0].GetString());
        Assert.Equal(1, certificate.RootElement.GetProperty("schema_version").GetInt32());
    }

    [Theory]
    [InlineData("{\"schema_version\": 99}", "schema_version is 99")]
    [InlineData("{}", "schema_version is missing")]
    [InlineData("[1, 2", "is not an audit's report")]
    [InlineData("{\"schema_version\": 1}", "is not an audit's report")]
    public void Another_schema_or_no_report_is_refused(string text, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("report.json"), text);
        var error = Assert.Throws<InputException>(() => AuditFiles.Read(folder.Path));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("report.json", error.Message, StringComparison.Ordinal);
    }
}
