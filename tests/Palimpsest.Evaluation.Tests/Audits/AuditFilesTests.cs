using System.Security.Cryptography;
using System.Text.Json;
using Palimpsest.Erasure;
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
            JsonSerializer.Serialize(report, ResultJson.Format),
            JsonSerializer.Serialize(again, ResultJson.Format)
        );
        Assert.Equal(0.05, again.Verdict.Evidence[1].RetrainedAfter);
        Assert.Equal(report.Sleek!.Leak, again.Sleek!.Leak);
        Assert.Equal(-20, again.Tofu!.Summary["candidate"]["privleak"].Value);
        Assert.Null(again.Find("relearning"));
        Assert.Equal(ReportPage.Render([report]), ReportPage.Render([again]));
    }

    [Fact]
    public void A_report_of_the_first_schema_is_read_and_drawn()
    {
        using var folder = new TemporaryFolder();
        File.Copy(
            Path.Combine(GoldenFolder.Repository, "tests", "golden", "audits", "schema-1.json"),
            folder.File("report.json")
        );
        var report = AuditFiles.Read(folder.Path);
        Assert.Equal(("npo", "retrained"), (report.Method, report.Reference));
        Assert.Equal(RemovalLabel.Mixed, report.Verdict.Label);
        Assert.Equal(
            ["asked", "probabilities", "4-bit quantisation"],
            report.Verdict.Evidence.Select(test => test.Test)
        );
        Assert.Equal([1, 0.1, 0.5], report.Verdict.Evidence.Select(test => test.Value));
        Assert.Equal(0.4, report.Verdict.Evidence[2].Gain, 1e-12);
        Assert.Equal(0.9, report.Tofu!.Summary["candidate"]["mia_min_k"].Value);
        var page = ReportPage.Render([report]);
        foreach (var text in new[] { "Leaked facts: 1 of 1", "Truth ratios", "Membership ROC", "soft prompts", "00ff" })
            Assert.Contains(text, page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_the_second_schema_whose_missing_numbers_are_texts_is_read_drawn_and_written_as_of_today()
    {
        using var folder = new TemporaryFolder();
        var golden = Path.Combine(GoldenFolder.Repository, "tests", "golden", "audits", "schema-2.json");
        Assert.Contains("\"guess_rate\": \"NaN\"", File.ReadAllText(golden), StringComparison.Ordinal);
        File.Copy(golden, folder.File("report.json"));
        var report = AuditFiles.Read(folder.Path);
        Assert.True(double.IsNaN(report.Sleek!.GuessRate));
        Assert.Equal(new(0.9, Interval.None, 0), report.Tofu!.Summary["candidate"]["mia_min_k"]);
        var page = ReportPage.Render([report]);
        foreach (var text in new[] { "Leaked facts: 1 of 1", "Membership ROC", "<td class=\"n\">0.900</td>" })
            Assert.Contains(text, page, StringComparison.Ordinal);

        // What older versions took for a hash was not looked at.
        report = report with
        {
            Provenance = new(),
        };
        page = ReportPage.Render([report]);
        AuditFiles.Write(report, folder.File("again"));
        var written = File.ReadAllText(folder.File("again", "report.json"));
        Assert.DoesNotContain("NaN", written, StringComparison.Ordinal);
        Assert.Contains("\"schema_version\": 3", written, StringComparison.Ordinal);
        Assert.Equal(page, ReportPage.Render([AuditFiles.Read(folder.File("again"))]));
    }

    [Fact]
    public void What_was_not_measured_is_null_in_report_and_certificate_with_its_reason_beside_it()
    {
        using var folder = new TemporaryFolder();
        AuditFiles.Write(SampleReport.Of("npo", "Tarnholm"), folder.Path);
        var finding = JsonDocument
            .Parse(File.ReadAllBytes(folder.File("report.json")))
            .RootElement.GetProperty("findings")[1];
        var data = finding.GetProperty("data");
        Assert.Equal(JsonValueKind.Null, data.GetProperty("guess_rate").ValueKind);
        Assert.Equal(
            "no forget fact that the original knows has candidates",
            data.GetProperty("guess_rate_reason").GetString()
        );
        var controls = data.GetProperty("controls");
        Assert.Equal(JsonValueKind.Null, controls.GetProperty("value").ValueKind);
        Assert.Equal("nothing was measured", controls.GetProperty("value_reason").GetString());
        Assert.False(data.GetProperty("leak").TryGetProperty("value_reason", out _));
        var says = Predicate(folder).GetProperty("what_it_says")[0];
        Assert.Equal(JsonValueKind.Null, says.GetProperty("before").ValueKind);
        Assert.Equal("the test does not change the model", says.GetProperty("before_reason").GetString());
    }

    [Fact]
    public void The_certificate_has_the_hashes_of_the_reports_and_what_was_not_tested()
    {
        using var folder = new TemporaryFolder();
        AuditFiles.Write(SampleReport.Of("npo", "Tarnholm"), folder.Path);
        var root = Predicate(folder);
        foreach (var file in new[] { "report.json", "report.html" })
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File(file))));
            Assert.Equal(hash, root.GetProperty("hashes").GetProperty(file).GetString());
        }

        Assert.Equal(
            SampleReport.Of("npo", "Tarnholm").ProbesHash,
            root.GetProperty("hashes").GetProperty("probes").GetString()
        );
        Assert.Equal(SampleReport.Hash, root.GetProperty("hashes").GetProperty("model").GetString());
        Assert.Equal("soft prompts", root.GetProperty("not_tested")[0].GetString());
        Assert.Equal(3, root.GetProperty("schema_version").GetInt32());
    }

    [Fact]
    public void Models_data_and_reports_are_the_subjects_of_the_certificate()
    {
        using var folder = new TemporaryFolder();
        var report = SampleReport.Of("npo", "Tarnholm");
        var hashes = new[] { "original", "model", "Real authors" }.ToDictionary(name => name, ContentHash.OfText);
        report = report with { Provenance = report.Provenance with { Hashes = hashes } };
        using var key = SigningKey.Create();
        AuditFiles.Write(report, folder.Path, key);
        var check = CertificateVerifier.Check(folder.File("certificate.json"), [key.Public], []);
        Assert.True(check.Holds, check.Reason);
        Assert.Equal(
            [
                ("model-before", ContentHash.OfText("original"), SubjectStatus.NotGiven),
                ("model-after", ContentHash.OfText("model"), SubjectStatus.NotGiven),
                ("real-authors", ContentHash.OfText("Real authors"), SubjectStatus.NotGiven),
                ("report.json", ContentHash.OfFile(folder.File("report.json")), SubjectStatus.Matches),
                ("report.html", ContentHash.OfFile(folder.File("report.html")), SubjectStatus.Matches),
            ],
            check.Subjects.Select(subject => (subject.Name, subject.Sha256, subject.Status))
        );
        foreach (var file in new[] { "report.json", "report.html" })
        {
            var bytes = File.ReadAllBytes(folder.File(file));
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(folder.File(file), bytes);
            Assert.False(CertificateVerifier.Check(folder.File("certificate.json"), [key.Public], []).Holds);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(folder.File(file), bytes);
        }

        hashes["model"] = "00ff";
        var error = Assert.Throws<InputException>(() => AuditFiles.Write(report, folder.File("short")));
        Assert.Contains("the digest of 'model-after' is '00ff'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_certificate_says_what_was_to_be_forgotten_how_and_from_where_in_plain_json()
    {
        using var folder = new TemporaryFolder();
        AuditFiles.Write(SampleReport.Of("npo", "Tarnholm"), folder.Path);
        var root = Predicate(folder);
        var text = root.GetRawText();
        Assert.Equal("a", root.GetProperty("to_be_forgotten").GetProperty("ids")[0].GetString());
        Assert.Equal("c0ffee", root.GetProperty("to_be_forgotten").GetProperty("commitment").GetString());
        Assert.Equal("0.1", root.GetProperty("unlearning").GetProperty("beta").GetString());
        Assert.Equal("30", root.GetProperty("options").GetProperty("steps").GetString());
        Assert.Equal("models/\"new\" é", root.GetProperty("paths").GetProperty("model").GetString());
        Assert.Equal("asked", root.GetProperty("what_it_says")[0].GetProperty("test").GetString());
        Assert.Equal("4-bit quantisation", root.GetProperty("what_it_still_holds")[0].GetProperty("test").GetString());
        Assert.Equal("compared with a retrained model", root.GetProperty("claim").GetString());
        Assert.DoesNotContain("\\u0022", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\\u00e9", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("salt", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Tarnholm", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_retrained_model_the_certificate_claims_less()
    {
        using var folder = new TemporaryFolder();
        AuditFiles.Write(SampleReport.Of("npo", "Tarnholm") with { Reference = "chance" }, folder.Path);
        var root = Predicate(folder);
        Assert.StartsWith("weaker", root.GetProperty("claim").GetString(), StringComparison.Ordinal);
        var notProven = root.GetProperty("not_proven").EnumerateArray().Select(text => text.GetString()!);
        Assert.Contains(notProven, text => text.StartsWith("how a model that never saw", StringComparison.Ordinal));
    }

    [Fact]
    public void A_commitment_holds_for_the_facts_in_any_order_and_for_no_others()
    {
        var facts = FakeAudit.Facts.Take(2).ToArray();
        var lines = new[]
        {
            "salt",
            """["ada","Where was Ada born?","Ada was born in Tarn."]""",
            """["bea","Where was Bea born?","Bea was born in Tarn."]""",
        };
        var expected = Convert.ToHexStringLower(
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"))
        );
        Assert.Equal(expected, ForgottenFacts.Commit("salt", facts));
        Assert.Equal(expected, ForgottenFacts.Commit("salt", facts.Reverse()));
        Assert.NotEqual(expected, ForgottenFacts.Commit("other", facts));
        Assert.NotEqual(expected, ForgottenFacts.Commit("salt", facts.Take(1)));
        Assert.NotEqual(expected, ForgottenFacts.Commit("salt", [facts[0] with { Answer = "x" }, facts[1]]));
        var quoted = facts[0] with { Question = "Who's <Zoë>?", Answer = "A \"poet\"\n😀\u001f\u007f" };
        Assert.Equal(
            ContentHash.OfText("s\n[\"ada\",\"Who's <Zoë>?\",\"A \\\"poet\\\"\\n😀\\u001f\u007f\"]\n"),
            ForgottenFacts.Commit("s", [quoted])
        );
        var concealed = ForgottenFacts.Describe(facts, new() { CommitmentSalt = "salt", ListsIds = false });
        Assert.Equal((2, 2, expected), (concealed.Facts, concealed.Subjects, concealed.Commitment));
        Assert.Null(concealed.Ids);
        Assert.Null(ForgottenFacts.Describe(facts, new()).Commitment);
        Assert.Equal(["ada", "bea"], ForgottenFacts.Describe(facts, new()).Ids);
    }

    [Fact]
    public void One_changed_byte_of_any_file_of_a_model_changes_its_hash_and_so_does_a_rename()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("a"));
        Directory.CreateDirectory(folder.File("b"));
        string[] names = ["config.json", "model.safetensors", "tokenizer.json"];
        byte[] Content(string name) => [1, 2, (byte)name.Length];
        foreach (var name in names)
            File.WriteAllBytes(folder.File("a", name), Content(name));
        foreach (var name in names.Reverse()) // another order of creation, and of listing where it follows that
            File.WriteAllBytes(folder.File("b", name), Content(name));
        var whole = ContentHash.Of(folder.File("a"));
        Assert.Equal(whole, ContentHash.Of(folder.File("b")));
        foreach (var name in names)
        {
            for (var i = 0; i < 3; i++)
            {
                var bytes = Content(name);
                bytes[i] ^= 1;
                File.WriteAllBytes(folder.File("b", name), bytes);
                Assert.NotEqual(whole, ContentHash.Of(folder.File("b")));
            }

            File.WriteAllBytes(folder.File("b", name), Content(name));
        }

        Assert.Equal(whole, ContentHash.Of(folder.File("b")));
        File.Move(folder.File("b", "tokenizer.json"), folder.File("b", "tokenizer.jsom"));
        Assert.NotEqual(whole, ContentHash.Of(folder.File("b")));
    }

    [Theory]
    [InlineData("{\"schema_version\": 99}", "schema_version is 99")]
    [InlineData("{}", "schema_version is missing")]
    [InlineData("[1, 2", "is not an audit's report")]
    [InlineData("{\"schema_version\": 1}", "is not an audit's report")]
    [InlineData("{\"schema_version\": 2}", "is not an audit's report")]
    public void Another_schema_or_no_report_is_refused(string text, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("report.json"), text);
        var error = Assert.Throws<InputException>(() => AuditFiles.Read(folder.Path));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("report.json", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What the certificate says, once its signature holds for what lies beside it.</summary>
    private static JsonElement Predicate(TemporaryFolder folder)
    {
        var check = CertificateVerifier.Check(folder.File("certificate.json"), [], []);
        Assert.True(check.Holds, check.Reason);
        return check.Predicate!.Value;
    }
}
