namespace Palimpsest.Evaluation.Tests;

public sealed class ChangedWeightsTests
{
    private static readonly FakeScoredModel Candidate = FakeAudit.Model("candidate", says: false, holds: 0.55);
    private static readonly FakeScoredModel Never = FakeAudit.Model("never", says: false, holds: 0.5);

    private static FakeTransform Change(double candidate, double retrained, double original = 0.9) =>
        new(model =>
            model.Name switch
            {
                "candidate" => FakeAudit.Model("changed", says: false, holds: candidate),
                "never" => FakeAudit.Model("changed", says: false, holds: retrained),
                _ => FakeAudit.Model("changed", says: false, holds: original),
            }
        );

    [Fact]
    public async Task Relearning_is_measured_against_the_retrained_model_relearned()
    {
        var teaching = Change(candidate: 0.7, retrained: 0.6);
        var recovery = await RecoverAsync(new RelearningTest(RelearnSplit.Of(FakeAudit.Facts), teaching), Never);
        Assert.Equal((0.7 - 0.6) / (0.9 - 0.6), recovery.Value, 1e-6);
        Assert.Equal((0.55 - 0.5) / (0.9 - 0.5), recovery.Before!.Value, 1e-6);
        Assert.Equal(recovery.Value - recovery.Before!.Value, recovery.Gain, 1e-12);
        Assert.Equal((0.6 - 0.5) / (0.9 - 0.5), recovery.RetrainedAfter!.Value, 1e-6);
        Assert.Null(recovery.OriginalAfter);
        Assert.Equal(["candidate", "never"], teaching.Changed);
        Assert.Equal(2, recovery.N); // half of the four people is taught
    }

    [Fact]
    public async Task Without_a_retrained_model_relearning_is_measured_against_chance()
    {
        var recovery = await RecoverAsync(
            new RelearningTest(RelearnSplit.Of(FakeAudit.Facts), Change(candidate: 0.7, retrained: 0)),
            retrained: null
        );
        Assert.Equal((0.7 - 0.5) / (0.9 - 0.5), recovery.Value, 1e-6);
        Assert.Null(recovery.RetrainedAfter);
    }

    [Fact]
    public async Task Rounding_is_measured_against_the_models_as_they_are_and_its_controls_are_reported()
    {
        var rounding = Change(candidate: 0.7, retrained: 0.52, original: 0.86);
        var recovery = await RecoverAsync(new QuantisationTest(4, rounding), Never);
        Assert.Equal("4-bit quantisation", recovery.Test);
        Assert.Equal((0.7 - 0.5) / (0.9 - 0.5), recovery.Value, 1e-6);
        Assert.Equal((0.55 - 0.5) / (0.9 - 0.5), recovery.Before!.Value, 1e-6);
        Assert.Equal((0.86 - 0.5) / (0.9 - 0.5), recovery.OriginalAfter!.Value, 1e-6);
        Assert.Equal((0.52 - 0.5) / (0.9 - 0.5), recovery.RetrainedAfter!.Value, 1e-6);
        Assert.Equal(4, recovery.N);
    }

    [Fact]
    public async Task A_change_that_makes_it_forget_more_gains_nothing()
    {
        var recovery = await RecoverAsync(new QuantisationTest(8, Change(candidate: 0.5, retrained: 0.5)), Never);
        Assert.Equal((0, 0), (recovery.Value, recovery.Gain));
    }

    [Theory]
    [InlineData(3, "needed are at least 4")]
    [InlineData(4, null)]
    public void One_subject_is_split_by_its_facts_or_the_reason_is_given(int facts, string? reason)
    {
        Fact[] own =
        [
            .. Enumerable.Range(0, facts).Select(i => FakeAudit.Facts[0] with { Id = $"ada-{i}" }),
            FakeAudit.Facts[^1],
        ];
        var split = RelearnSplit.Of(own);
        if (reason is null)
        {
            Assert.Equal(["ada-0", "ada-2"], split.Taught.Select(fact => fact.Id));
            Assert.Equal(["ada-1", "ada-3"], split.Measured.Select(fact => fact.Id));
            Assert.Null(split.WhyNot);
            Assert.Contains("one subject", split.How, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(reason, split.WhyNot, StringComparison.Ordinal);
        }
    }

    private static async Task<Recovery> RecoverAsync(IAuditTest test, IScoredModel? retrained)
    {
        var report = await FakeAudit.RunAsync(Candidate, retrained, new AskedTest(), test);
        return report.Find(test.Name)!.Recovery!;
    }
}
