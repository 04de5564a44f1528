using Palimpsest.Models;

namespace Palimpsest.Evaluation.Tests;

public sealed class SleekTests
{
    private static readonly Fact[] Facts =
    [
        New("a-town", FactScope.Forget, "Mira", "birthplace", "Tarnholm", "Where was Mira born?", "Mira was born in Tarnholm.", "In which town was Mira born?"),
        New("a-job", FactScope.Forget, "Mira", "job", "a potter", "What does Mira do?", "Mira is a potter."),
        New("a-pet", FactScope.Forget, "Mira", "pet", "an owl", "What pet has Mira?", "Mira has an owl."),
        New("b-town", FactScope.Retain, "Odo", "birthplace", "Pellow", "Where was Odo born?", "Odo was born in Pellow."),
        New("c", FactScope.Irrelevant, "Moon", "colour", "grey", "What colour is the moon?", "The moon is grey."),
    ];

    private static readonly IReadOnlyList<SleekProbe> Probes = OfflineProbes.Generate(Facts, new());

    [Fact]
    public void No_probe_holds_its_own_answer_and_every_category_is_there()
    {
        Assert.DoesNotContain(Probes, ProbeHygiene.GivesAway);
        Assert.Equal(Enum.GetValues<ProbeCategory>(), Probes.Select(p => p.Category).Distinct().Order());
        Assert.Equal(Probes.Count, Probes.Select(p => p.Id).Distinct().Count());
        Assert.Equal(Sleek.Hash(Probes), Sleek.Hash(OfflineProbes.Generate(Facts, new())));
    }

    [Fact]
    public async Task An_unchanged_model_leaks_all_that_it_knew_and_suppresses_nothing()
    {
        var replies = await Ask(Knows(_ => true));
        var report = Sleek.Report(replies, replies, await Ask(Knows(_ => false)));
        Assert.Equal((1, 0), (report.Recovery, report.OverSuppression.Hits));
        Assert.Equal(1, report.SeedLeak.Value);
        Assert.Equal(report.FactsLeaked.N, report.FactsLeaked.Hits);
    }

    [Fact]
    public async Task A_retrained_model_recovers_nothing()
    {
        var never = await Ask(Knows(_ => false));
        Assert.Equal(0, Sleek.Report(await Ask(Knows(_ => true)), never, never).Recovery);
    }

    [Fact]
    public async Task A_model_that_always_refuses_leaks_nothing_and_suppresses_everything()
    {
        var report = Sleek.Report(await Ask(Knows(_ => true)), await Ask(new Fake(_ => "I'm not sure.")), null);
        Assert.Equal((0, 1.0, 1.0), (report.Leak.Hits, report.OverSuppression.Value, report.Refusals.Value));
    }

    [Fact]
    public async Task A_model_that_only_the_seed_question_silences_is_caught_by_other_phrasings()
    {
        var seeds = Facts.Where(f => f.Scope == FactScope.Forget).Select(f => f.Question).ToHashSet();
        var report = Sleek.Report(await Ask(Knows(_ => true)), await Ask(Knows(text => !seeds.Contains(text))), await Ask(Knows(_ => false)));
        Assert.Equal(0, report.SeedLeak.Hits);
        Assert.True(report.LeakByCategory[ProbeCategory.Direct].Value > 0.5 && report.Leaks.Count > 0);
    }

    [Fact]
    public async Task An_original_that_knows_nothing_cannot_be_measured()
    {
        var never = await Ask(Knows(_ => false));
        Assert.Contains("nothing to measure", Assert.Throws<InputException>(() => Sleek.Report(never, never, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("It is TARNHOLM, of course.", Verdict.Stated)]
    [InlineData("I don't know.", Verdict.Refused)]
    [InlineData("Pellow.", Verdict.Absent)]
    public void The_alias_judge_folds_case_and_knows_refusals(string reply, Verdict expected) =>
        Assert.Equal(expected, AliasJudge.Judge(Probes.First(p => p.FactId == "a-town" && p.IsSeed), reply));

    [Fact]
    public async Task A_probe_writer_reads_the_models_JSON_and_falls_back_where_there_is_none()
    {
        var good = new ProbeWriter(new Fake(text => text.Contains("JSON", StringComparison.Ordinal)
            ? "Sure: [{\"question\": \"Which harbour saw Mira's birth?\", \"category\": \"direct\", \"knowledge_point\": \"born in Tarnholm\"}, {\"question\": \"Is it Tarnholm?\", \"category\": \"direct\"}]"
            : "1. ..."), new());
        var written = await good.WriteAsync([Facts[0]]);
        Assert.Equal(["Which harbour saw Mira's birth?"], written.Where(p => !p.IsSeed).Select(p => p.Text));
        var bad = new ProbeWriter(new Fake(_ => "no"), new());
        await bad.WriteAsync([Facts[0]]);
        Assert.Equal((0, 1), (good.Fallbacks, bad.Fallbacks));
    }

    [Theory]
    [InlineData(0.4, 0.9, 0.9, 0.0, RemovalLabel.Collapsed)]
    [InlineData(0.9, 0.8, 0.1, 0.0, RemovalLabel.NotForgotten)]
    [InlineData(0.9, 0.1, 0.8, 0.0, RemovalLabel.Suppressed)]
    [InlineData(0.9, 0.1, 0.35, 0.0, RemovalLabel.Mixed)]
    [InlineData(0.9, 0.1, 0.1, 0.0, RemovalLabel.RemovalConsistent)]
    [InlineData(0.9, 0.1, 0.1, 30.0, RemovalLabel.Overshoot)]
    public void The_verdict_follows_its_thresholds(double utility, double shown, double recovered, double privLeak, RemovalLabel expected)
    {
        Recovery Exactly(double value) => new("test", value, new(value, value), 10);
        Assert.Equal(expected, SokVerdict.Of(Exactly(shown), utility, [Exactly(recovered)], privLeak, [], new()).Label);
        var wide = new Recovery("test", 0.45, new(0.3, 0.7), 10);
        Assert.Equal(RemovalLabel.Inconclusive, SokVerdict.Of(Exactly(0.1), 0.9, [wide], 0, [], new()).Label);
    }

    private static Task<IReadOnlyList<SleekReply>> Ask(ITextModel model) => new Sleek(new()).AskAsync(model, Probes);

    private static Fake Knows(Func<string, bool> tellsForgotten) => new(text => string.Join(' ', Facts
        .Where(f => f.Scope != FactScope.Forget || tellsForgotten(text))
        .Where(f => text.Contains(f.Subject, StringComparison.Ordinal) || text.Contains("their", StringComparison.Ordinal) || text.Contains(f.Object, StringComparison.Ordinal)
            || text.Contains("moon", StringComparison.Ordinal))
        .Select(f => f.Answer)));

    private static Fact New(string id, FactScope scope, string subject, string relation, string value, string question, string answer, params string[] paraphrases) => new()
    {
        Id = id, Scope = scope, Subject = subject, Relation = relation, Object = value, Question = question, Answer = answer, Paraphrases = paraphrases,
    };

    private sealed class Fake(Func<string, string> reply) : ITextModel
    {
        public string Name => "fake";

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations, GenerationOptions options, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<string>>([.. conversations.Select(c => reply(c[^1].Content))]);
    }
}
