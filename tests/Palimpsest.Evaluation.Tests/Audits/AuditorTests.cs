namespace Palimpsest.Evaluation.Tests;

public sealed class AuditorTests
{
    [Theory]
    [InlineData(0.9, 0.0, 0.0)]
    [InlineData(0.8, 0.6, 0.75)]
    [InlineData(0.0, 0.0, 1.0)]
    public void What_was_kept_is_the_share_of_the_benchmarks_utility(double before, double after, double kept) =>
        Assert.Equal(kept, Auditor.KeptUtility(WithUtility(before), WithUtility(after)), 1e-12);

    [Fact]
    public void Without_a_utility_nothing_counts_as_lost() =>
        Assert.Equal(1, Auditor.KeptUtility(new(new Dictionary<string, TofuMetric>()), WithUtility(0.5)));

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
        await Refused(request with { Facts = [request.Facts[0] with { Candidates = [] }] }, "forget-0");
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
        new(new Dictionary<string, TofuMetric> { ["model_utility"] = new(value, [], []) });
}
