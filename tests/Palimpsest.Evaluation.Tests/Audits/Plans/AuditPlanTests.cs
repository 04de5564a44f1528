using System.Text.Json.Nodes;
using Palimpsest.Erasure;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class AuditPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Auditor _auditor = new(TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_says_all_and_nothing_is_measured_for_it()
    {
        var request = Request();
        var plan = _auditor.Plan(request);
        Assert.Equal(["asked", "probabilities", "4-bit quantisation"], plan.Tests.Select(test => test.Name));
        Assert.Equal("fake", plan.Tests[2].Settings);
        Assert.Equal(0.2, plan.Thresholds.LowRecovery);
        Assert.Equal(Sleek.Hash(plan.Probes), Sleek.Hash(OfflineProbes.Generate(FakeAudit.Facts, new())));
        Assert.Equal(7UL, plan.Seeds["relearning"]);
        Assert.Equal(0, ((FakeScoredModel)request.Models.Candidate).Calls);
        Assert.Equal(0, ((FakeScoredModel)request.Models.Original).Calls);
    }

    [Fact]
    public async Task An_audit_that_follows_its_plan_is_called_so_in_report_page_and_certificate()
    {
        var plan = WrittenPlan.Write(_folder.File("followed.json"), _auditor.Plan(Request()));
        Assert.Equal(ContentHash.OfFile(_folder.File("followed.json")), plan.Sha256);
        var report = await _auditor.RunAsync(Request() with { Plan = plan });
        Assert.Equal(plan.Sha256, report.Plan!.Sha256);
        Assert.Empty(report.Plan.Deviations);
        Assert.False(report.Plan.Tampered);
        Assert.Contains("The audit followed the plan", ReportPage.Render([report]), StringComparison.Ordinal);

        AuditFiles.Write(report, _folder.File("followed"), plan: plan);
        Assert.Equal(plan.Sha256, AuditFiles.Read(_folder.File("followed")).Plan!.Sha256);
        var check = CertificateVerifier.Check(_folder.File("followed", "certificate.json"), [], []);
        Assert.True(check.Holds, check.Reason);
        var subject = Assert.Single(check.Subjects, subject => subject.Name == "plan.json");
        Assert.Equal((plan.Sha256, SubjectStatus.Matches), (subject.Sha256, subject.Status));
        var said = check.Predicate!.Value.GetProperty("plan");
        Assert.False(said.GetProperty("tampered").GetBoolean());
        Assert.Contains(check.NotProven, text => text.StartsWith("that the plan was written before", Ordinal));
        File.AppendAllText(_folder.File("followed", "plan.json"), " ");
        check = CertificateVerifier.Check(_folder.File("followed", "certificate.json"), [], []);
        Assert.Contains("signed as 'plan.json'", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_plan_page_and_certificate_say_that_there_was_none()
    {
        var report = await _auditor.RunAsync(Request());
        Assert.Null(report.Plan);
        Assert.Contains("Not planned", ReportPage.Render([report]), StringComparison.Ordinal);
        AuditFiles.Write(report, _folder.File("free"));
        var check = CertificateVerifier.Check(_folder.File("free", "certificate.json"), [], []);
        Assert.Contains(check.NotProven, text => text.EndsWith("there was no plan", Ordinal));
        var plan = WrittenPlan.Write(_folder.File("later.json"), _auditor.Plan(Request()));
        Assert.Throws<ArgumentException>(() => AuditFiles.Write(report, _folder.File("free"), plan: plan));
    }

    public static TheoryData<string, string> Changes =>
        new()
        {
            { "threshold", "thresholds.low_recovery was 0.2 and is 0.3" },
            { "seed", "seeds.relearning was 7 and is 8" },
            { "model", "hashes.model was" },
            { "option", "options.steps was '30' and is not there" },
            { "test", "tests[2] was" },
            { "setting", "tests[2].name was" },
            { "asking", "asking.seed was 1 and is 2" },
            { "judge", "judge was" },
            { "fact", "data_hash was" },
            { "row", "data_hash was" },
            { "retrained", "has_retrained was true and is false" },
        };

    [Theory, MemberData(nameof(Changes))]
    public async Task What_differs_from_the_plan_is_named_and_marks_the_report(string change, string words)
    {
        var request = Request();
        var plan = WrittenPlan.Write(_folder.File($"{change}.json"), _auditor.Plan(request));
        var provenance = request.Provenance;
        var changed = change switch
        {
            "threshold" => request with { Verdict = new() { LowRecovery = 0.3 } },
            "seed" => request with { Provenance = provenance with { Seeds = Numbers(8) } },
            "model" => request with { Provenance = provenance with { Hashes = Hashes("another model") } },
            "option" => request with { Provenance = provenance with { Options = new Dictionary<string, string>() } },
            "test" => request with { Tests = [.. request.Tests.Take(2)] },
            "setting" => request with { Tests = [.. request.Tests.Take(2), new QuantisationTest(8, Nothing)] },
            "asking" => request with { Sleek = new() { Seed = 2 } },
            "judge" => request with { Judge = new RecallJudge() },
            "fact" => request with
            {
                Facts = [FakeAudit.Facts[0] with { Answer = "In Tarn." }, .. FakeAudit.Facts.Skip(1)],
            },
            "row" => request with { Rows = request.Rows with { Holdout = [new() { Question = "a", Answer = "b" }] } },
            _ => request with { Models = request.Models with { Retrained = null } },
        };
        var report = await _auditor.RunAsync(changed with { Plan = plan });
        Assert.Contains(report.Plan!.Deviations, line => line.StartsWith(words, Ordinal));
        Assert.True(report.Plan.Tampered);
        Assert.Contains("<h3>Tampered</h3>", ReportPage.Render([report]), StringComparison.Ordinal);
        AuditFiles.Write(report, _folder.File(change), plan: plan);
        var check = CertificateVerifier.Check(_folder.File(change, "certificate.json"), [], []);
        Assert.True(check.Holds, check.Reason);
        Assert.True(check.Predicate!.Value.GetProperty("plan").GetProperty("tampered").GetBoolean());
    }

    [Fact]
    public void A_plan_that_was_edited_differs_from_its_audit()
    {
        var path = _folder.File("edited.json");
        var plan = _auditor.Plan(Request());
        WrittenPlan.Write(path, plan);
        Assert.Empty(WrittenPlan.Read(path).DifferencesOf(plan));
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json["probes"]![3]!["text"] = "Another question?";
        json["more"] = true;
        File.WriteAllText(path, json.ToJsonString());
        Assert.Equal(
            ["probes[3].text was 'Another question?' and is", "more was true and is not there"],
            WrittenPlan.Read(path).DifferencesOf(plan).Select((line, i) => i == 0 ? line[..45] : line)
        );
    }

    [Theory]
    [InlineData("", "is not a plan")]
    [InlineData("[]", "is not an object")]
    [InlineData("{}", "'plan_version' is missing")]
    [InlineData("{\"plan_version\": 2}", "is not a whole number in [1, 1]")]
    [InlineData("{\"plan_version\": 1}", "is not a plan")]
    [InlineData("{\"plan_version\": 1, \"plan_version\": 1}", "is not a plan")]
    public void What_is_no_plan_is_refused_by_file(string text, string words)
    {
        var path = _folder.File($"wrong-{text.Length}.json");
        File.WriteAllText(path, text);
        var error = Assert.Throws<InputException>(() => WrittenPlan.Read(path));
        Assert.StartsWith(path, error.Message, Ordinal);
        Assert.Contains(words, error.Message, Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<InputException>(() => WrittenPlan.Read(_folder.File("none.json")));
        Assert.Throws<InputException>(() => WrittenPlan.Write(path, _auditor.Plan(Request())));
        Assert.Equal(text, File.ReadAllText(path));
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly FakeTransform Nothing = new(model => model);

    private static Dictionary<string, ulong> Numbers(ulong seed) => new() { ["relearning"] = seed };

    private static Dictionary<string, string> Hashes(string model) => new() { ["model"] = ContentHash.OfText(model) };

    private static AuditRequest Request() =>
        FakeAudit.Request(
            FakeAudit.Model("silent", says: false, holds: 0.88),
            FakeAudit.Model("never", says: false, holds: 0.5),
            new AskedTest(),
            new ProbabilitiesTest(),
            new QuantisationTest(4, Nothing)
        ) with
        {
            Provenance = new()
            {
                Options = new Dictionary<string, string> { ["steps"] = "30" },
                Seeds = Numbers(7),
                Hashes = Hashes("a model"),
            },
        };
}
