using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class AuditorTests
{
    private static readonly IScoredModel Never = FakeAudit.Model("never", says: false, holds: 0.5);

    [Fact]
    public async Task A_model_that_says_nothing_and_holds_the_truth_is_suppressed_not_forgotten()
    {
        var silent = FakeAudit.Model("silent", says: false, holds: 0.88);
        var report = await FakeAudit.RunAsync(silent, Never, new AskedTest(), new SleekTest(), new ProbabilitiesTest());
        Assert.Equal(RemovalLabel.Suppressed, report.Verdict.Label);
        Assert.Equal(0, report.Find("asked")!.Levels["candidate"].Value);
        Assert.Equal(1, report.Find("asked")!.Levels["original"].Value);
        Assert.Equal(0.88, report.Find("probabilities")!.Levels["candidate"].Value, 1e-6);
        Assert.Equal((0.88 - 0.5) / (0.9 - 0.5), report.Find("probabilities")!.Recovery!.Value, 1e-6);
        Assert.Equal("probabilities", report.Verdict.Strongest.Test);
        Assert.Contains("Asked, it says 0 %", report.Verdict.Reason, StringComparison.Ordinal);
        Assert.Contains(
            "probabilities, finds that it still holds 95 %",
            report.Verdict.Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_model_that_says_the_facts_is_not_forgotten_whatever_it_holds()
    {
        var open = FakeAudit.Model("open", says: true, holds: 0.5);
        var report = await FakeAudit.RunAsync(open, Never, new AskedTest(), new ProbabilitiesTest());
        Assert.Equal(RemovalLabel.NotForgotten, report.Verdict.Label);
    }

    [Fact]
    public async Task A_model_like_the_retrained_one_is_removal_consistent_and_one_that_lost_the_rest_has_collapsed()
    {
        var clean = FakeAudit.Model("clean", says: false, holds: 0.5);
        var broken = FakeAudit.Model("broken", says: false, holds: 0.5, kept: 0.4);
        Assert.Equal(
            RemovalLabel.RemovalConsistent,
            (await FakeAudit.RunAsync(clean, Never, new AskedTest(), new ProbabilitiesTest())).Verdict.Label
        );
        var report = await FakeAudit.RunAsync(broken, Never, new AskedTest(), new ProbabilitiesTest());
        Assert.Equal(0.4 / 0.9, report.Verdict.Utility.Value, 1e-6);
        Assert.InRange(
            report.Verdict.Utility.Value,
            report.Verdict.Utility.Interval.Low,
            report.Verdict.Utility.Interval.High
        );
        Assert.True(report.Verdict.Utility.N > 0);
        Assert.Equal(RemovalLabel.Collapsed, report.Verdict.Label);
    }

    [Fact]
    public async Task Without_a_retrained_model_chance_is_the_zero_and_is_called_so()
    {
        var half = FakeAudit.Model("half", says: false, holds: 0.7);
        var weak = await FakeAudit.RunAsync(half, null, new AskedTest(), new ProbabilitiesTest());
        Assert.Equal("chance", weak.Reference);
        Assert.Equal((0.7 - 0.5) / (0.9 - 0.5), weak.Find("probabilities")!.Recovery!.Value, 1e-6);
        Assert.Contains(
            weak.Verdict.Missing,
            missing => missing.StartsWith("retrained model", StringComparison.Ordinal)
        );
        var knowing = FakeAudit.Model("knowing", says: false, holds: 0.6);
        var strong = await FakeAudit.RunAsync(half, knowing, new AskedTest(), new ProbabilitiesTest());
        Assert.Equal("retrained", strong.Reference);
        Assert.Equal((0.7 - 0.6) / (0.9 - 0.6), strong.Find("probabilities")!.Recovery!.Value, 1e-6);
        Assert.DoesNotContain(
            strong.Verdict.Missing,
            missing => missing.StartsWith("retrained model", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_the_retrained_model_says_too_is_taken_off()
    {
        var both = FakeAudit.Model("both", says: true, holds: 0.5);
        var report = await FakeAudit.RunAsync(both, both, new AskedTest(), new ProbabilitiesTest());
        Assert.Equal((1, 0), (report.Find("asked")!.Levels["candidate"].Value, report.Verdict.Says.Value));
    }

    [Fact]
    public async Task A_test_that_cannot_be_made_is_named_with_its_reason_before_any_work()
    {
        var candidate = FakeAudit.Model("candidate", says: false, holds: 0.5);
        var report = await FakeAudit.RunAsync(
            candidate,
            Never,
            new AskedTest(),
            new ProbabilitiesTest(),
            new TofuTest(new()),
            new LogitLensTest()
        );
        Assert.Contains("need forget and retain rows", report.Findings[2].NotMade, StringComparison.Ordinal);
        Assert.Contains(
            report.Verdict.Missing,
            missing => missing.StartsWith("TOFU: its metrics need", StringComparison.Ordinal)
        );
        Assert.Contains("logit lens: the original model gives no access to its weights", report.Verdict.Missing);
        foreach (var known in new[] { "soft prompts", "relearning", "linear probe", "4-bit quantisation" })
            Assert.Contains(known, report.Verdict.Missing);
        Assert.Null(report.Find("TOFU"));
    }

    [Fact]
    public async Task Facts_without_wrong_answers_are_refused_or_named_before_a_model_is_asked()
    {
        var candidate = FakeAudit.Model("candidate", says: false, holds: 0.5);
        var request = FakeAudit.Request(candidate, null, new ProbabilitiesTest());
        var error = await Assert.ThrowsAsync<InputException>(() => new Auditor(TimeProvider.System).RunAsync(request));
        Assert.Contains("a test of what the model says", error.Message, StringComparison.Ordinal);
        var bare = request with
        {
            Facts = [.. request.Facts.Select(fact => fact with { Candidates = [] })],
            Tests = [new AskedTest(), new ProbabilitiesTest()],
        };
        var logger = new ListLogger<Auditor>();
        var report = await new Auditor(TimeProvider.System, logger).RunAsync(bare);
        Assert.Equal([4001, 4002, 4003, 4004], logger.Entries.Select(entry => entry.Event));
        Assert.Equal("Test 'probabilities' was not made", logger.Entries[2].Message);
        Assert.DoesNotContain(
            logger.Entries,
            entry => request.Facts.Any(fact => entry.Message.Contains(fact.Object, StringComparison.Ordinal))
        );
        Assert.Contains("perturbed_answer", report.Findings[1].NotMade, StringComparison.Ordinal);
        var wrong = bare with { Facts = [request.Facts[0] with { Answer = "She was born there." }] };
        var before = candidate.Calls;
        await Assert.ThrowsAsync<InputException>(() => new Auditor(TimeProvider.System).RunAsync(wrong));
        Assert.Equal(before, candidate.Calls);
    }

    [Fact]
    public async Task The_original_and_the_retrained_model_are_measured_once_for_all_candidates()
    {
        var (auditor, tests) = (
            new Auditor(TimeProvider.System),
            new IAuditTest[] { new AskedTest(), new ProbabilitiesTest() }
        );
        var never = FakeAudit.Model("never", says: false, holds: 0.5);
        var first = FakeAudit.Model("first", says: false, holds: 0.6);
        var request = FakeAudit.Request(first, never, tests);
        await auditor.RunAsync(request);
        var calls = (((FakeScoredModel)request.Models.Original).Calls, never.Calls);
        var second = FakeAudit.Model("second", says: false, holds: 0.8);
        var report = await auditor.RunAsync(request with { Models = request.Models with { Candidate = second } });
        Assert.Equal(calls, (((FakeScoredModel)request.Models.Original).Calls, never.Calls));
        Assert.Equal(0.8, report.Find("probabilities")!.Levels["candidate"].Value, 1e-6);
    }

    [Fact]
    public async Task A_candidate_that_was_changed_in_place_is_measured_again()
    {
        var holds = 0.6;
        var candidate = new FakeScoredModel(
            "candidate",
            _ => "I do not know.",
            (_, answer) => -Math.Log(answer.Contains("Tarn", StringComparison.Ordinal) ? holds : 1 - holds)
        );
        var auditor = new Auditor(TimeProvider.System);
        var request = FakeAudit.Request(candidate, Never, new AskedTest(), new ProbabilitiesTest());
        await auditor.RunAsync(request);
        holds = 0.8;
        var again = await auditor.RunAsync(request);
        Assert.Equal(0.8, again.Find("probabilities")!.Levels["candidate"].Value, 1e-6);
    }

    [Fact]
    public async Task Privacy_leakage_of_every_model_is_against_one_reference()
    {
        QuestionAnswer[] forget = [.. Rows("forget", 4)];
        QuestionAnswer[] holdout = [.. Rows("holdout", 4)];
        var rows = new TofuData
        {
            Forget = forget,
            Retain = [.. Rows("retain", 2)],
            Holdout = holdout,
        };

        // Losses of forget rows are 0, 1, 2, 3 plus an offset, those of holdout rows 1.5, 2.5, 3.5, 4.5.
        FakeScoredModel Model(string name, double offset) =>
            new(
                name,
                question => $"It is {question}.",
                (question, _) =>
                    int.Parse(question[^1..], System.Globalization.CultureInfo.InvariantCulture)
                    + (question.StartsWith("holdout", StringComparison.Ordinal) ? 1.5 : offset)
            );
        var request = FakeAudit.Request(
            Model("candidate", 1),
            Model("retrained", 2),
            new AskedTest(),
            new TofuTest(new() { GradientNorm = false })
        ) with
        {
            Rows = rows,
        };
        request = request with { Models = request.Models with { Original = Model("original", 0) } };
        var context = new AuditContext(request, [], new());
        var test = (TofuTest)request.Tests[1];
        Assert.Null(test.WhyNot(context));
        var finding = await test.RunAsync(context, CancellationToken.None);
        var summary = finding.Read<TofuNumbers>().Summary;
        Assert.Equal([13 / 16.0, 10 / 16.0, 6 / 16.0], Aucs(summary));
        Assert.Equal(0, summary["retrained"]["privleak"].Value, 1e-6);
        Assert.Equal(PrivacyLeakage.PrivLeak(10 / 16.0, 6 / 16.0), summary["candidate"]["privleak"].Value, 1e-6);
        Assert.Equal(PrivacyLeakage.PrivLeak(13 / 16.0, 6 / 16.0), summary["original"]["privleak"].Value, 1e-6);
        Assert.Equal(summary["candidate"]["privleak"].Value, finding.PrivacyLeakage!.Value, 1e-12);
        Assert.Equal(1, summary["retrained"]["forget_quality"].Value, 1e-9);

        var weak = request with { Models = request.Models with { Retrained = null } };
        finding = await test.RunAsync(new(weak, [], new()), CancellationToken.None);
        summary = finding.Read<TofuNumbers>().Summary;
        Assert.Equal(PrivacyLeakage.PrivLeak(10 / 16.0, 0.5), summary["candidate"]["privleak"].Value, 1e-6);
        Assert.Equal(PrivacyLeakage.PrivLeak(13 / 16.0, 0.5), summary["original"]["privleak"].Value, 1e-6);
    }

    private static double[] Aucs(IReadOnlyDictionary<string, IReadOnlyDictionary<string, MeasuredLevel>> summary) =>
        [.. new[] { "original", "candidate", "retrained" }.Select(model => summary[model]["mia_min_k"].Value)];

    private static IEnumerable<QuestionAnswer> Rows(string part, int count) =>
        Enumerable
            .Range(0, count)
            .Select(i => new QuestionAnswer
            {
                Question = $"{part} {i}",
                Answer = $"It is {part} {i}.",
                PerturbedAnswers = ["It is nothing."],
            });

    [Theory]
    [InlineData(0.9, 0.0, 0.0)]
    [InlineData(0.8, 0.6, 0.75)]
    [InlineData(0.0, 0.0, null)]
    public void What_was_kept_is_the_share_of_the_benchmarks_utility(double before, double after, double? kept) =>
        Assert.Equal(kept ?? -1, TofuTest.KeptUtility(WithUtility(before), WithUtility(after))?.Value ?? -1, 1e-12);

    [Fact]
    public void What_was_kept_lies_between_the_quotients_of_opposite_ends()
    {
        var kept = TofuTest.KeptUtility(WithUtility(0.8), WithUtility(0.6))!;
        Assert.Equal(0.5 / 0.9, kept.Interval.Low, 1e-12);
        Assert.Equal(1, kept.Interval.High, 1e-12);
        Assert.Equal(7, kept.N);
    }

    [Fact]
    public void Without_a_utility_nothing_is_said_of_it() =>
        Assert.Null(TofuTest.KeptUtility(new(new Dictionary<string, TofuMetric>()), WithUtility(0.5)));

    [Fact]
    public async Task An_audit_of_rows_or_models_that_do_not_go_together_is_refused_before_any_work()
    {
        using var model = UniformModel.Create("Who is Ada? It is so. wrong");
        using var other = UniformModel.Create("Quite another text altogether, of other tokens.");
        QuestionAnswer[] forget = [Row("Who is Ada?", "wrong")];
        var rows = new TofuData
        {
            Forget = forget,
            Retain = [Row("Who is Bert?", "wrong")],
            Names = new Dictionary<string, string> { [nameof(TofuData.Forget)] = "f.jsonl" },
        };
        var request = new AuditRequest
        {
            Models = new(model, model, null),
            Rows = rows,
            Facts = RowFacts.Of(rows.Forget, rows.Retain),
            Tests = AuditBattery.Default(RowFacts.Of(rows.Forget, rows.Retain)),
        };
        async Task Refused(AuditRequest bad, params string[] words)
        {
            var started = false;
            var error = await Assert.ThrowsAsync<InputException>(() =>
                new Auditor(TimeProvider.System).RunAsync(
                    bad,
                    new Started(() => started = true),
                    TestContext.Current.CancellationToken
                )
            );
            Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
            Assert.False(started);
        }

        await Refused(request with { Rows = rows with { Holdout = forget } }, "holdout, row 1", "f.jsonl too");
        await Refused(
            request with
            {
                Rows = rows with { Forget = [Row("Who?")] },
            },
            "f.jsonl, row 1",
            "perturbed_answer"
        );
        await Refused(request with { Models = new(model, other, null) }, "candidate", "tokenizer");
        await Refused(request with { Models = new(model, model, other) }, "retrained", "tokenizer");
        await Refused(
            request with
            {
                Facts = [.. request.Facts, request.Facts[0] with { Id = "x", Scope = FactScope.Retain }],
            },
            "'x'"
        );
    }

    private static QuestionAnswer Row(string question, params string[] wrong) =>
        new()
        {
            Question = question,
            Answer = "It is so.",
            PerturbedAnswers = wrong,
        };

    private sealed class Started(Action told) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => told();
    }

    private static TofuResult WithUtility(double value) =>
        new(
            new Dictionary<string, TofuMetric>
            {
                ["model_utility"] = new(value, [], []) { Level = new(value, new(value - 0.1, value + 0.1), 7) },
            }
        );
}
