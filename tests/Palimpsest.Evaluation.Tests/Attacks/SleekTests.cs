namespace Palimpsest.Evaluation.Tests;

public sealed class SleekTests
{
    private static readonly Fact[] Facts =
    [
        New(
            "a-town",
            FactScope.Forget,
            ("Mira", "birthplace", "Tarnholm"),
            "Where was Mira born?",
            "Mira was born in Tarnholm.",
            "In which town was Mira born?"
        ),
        New("a-job", FactScope.Forget, ("Mira", "job", "a potter"), "What does Mira do?", "Mira is a potter."),
        New("a-pet", FactScope.Forget, ("Mira", "pet", "an owl"), "What pet has Mira?", "Mira has an owl."),
        New(
            "b-town",
            FactScope.Retain,
            ("Odo", "birthplace", "Pellow"),
            "Where was Odo born?",
            "Odo was born in Pellow."
        ),
        New("b-job", FactScope.Retain, ("Odo", "job", "a miller"), "What does Odo do?", "Odo is a miller."),
        New("c", FactScope.Irrelevant, ("Moon", "colour", "grey"), "What colour is the moon?", "The moon is grey."),
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
        var report = Sleek.Report(
            await Ask(Knows(_ => true)),
            await Ask(new Fake((string _) => "I'm not sure.")),
            null
        );
        Assert.Equal((0, 1.0, 1.0), (report.Leak.Hits, report.OverSuppression.Value, report.Refusals.Value));
    }

    [Fact]
    public async Task A_model_that_only_the_seed_question_silences_is_caught_by_other_phrasings()
    {
        var seeds = Facts.Where(f => f.Scope == FactScope.Forget).Select(f => f.Question).ToHashSet();
        var report = Sleek.Report(
            await Ask(Knows(_ => true)),
            await Ask(Knows(text => !seeds.Contains(text))),
            await Ask(Knows(_ => false))
        );
        Assert.Equal(0, report.SeedLeak.Hits);
        Assert.True(report.LeakByCategory[ProbeCategory.Direct].Value > 0.5 && report.Leaks.Count > 0);
    }

    [Fact]
    public async Task An_original_that_knows_nothing_cannot_be_measured()
    {
        var never = await Ask(Knows(_ => false));
        Assert.Contains(
            "nothing to measure",
            Assert.Throws<InputException>(() => Sleek.Report(never, never, null)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_model_against_itself_recovers_everything_and_gains_nothing_over_equal_questions()
    {
        var replies = await Ask(Knows(_ => true));
        var report = Sleek.Report(replies, replies, await Ask(Knows(_ => false)), Facts);
        Assert.Equal((1.0, 1.0), (report.Recovery, report.RecoveryOfAll));
        Assert.Equal(report.Leak, report.OriginalLeak);
        Assert.Equal(0, report.RetrainedLeak!.Value.Hits);
        var seeds = Probes.Where(probe => probe.IsSeed).ToArray();
        var same = seeds
            .Concat(seeds.Select(probe => probe with { Id = probe.Id + "-again", Mode = ProbeMode.Single }))
            .ToArray();
        var again = await new Sleek(new()).AskAsync(Knows(_ => true), same);
        Assert.Equal(
            (0, 1),
            (Sleek.Report(again, again, null).ReasoningGain, Sleek.Report(again, again, null).SingleAgainstSeed)
        );
    }

    [Fact]
    public async Task Rates_are_broken_down_by_mode_category_depth_and_way_of_leaking()
    {
        var seeds = Facts.Where(f => f.Scope == FactScope.Forget).Select(f => f.Question).ToHashSet();
        var report = Sleek.Report(
            await Ask(Knows(_ => true)),
            await Ask(Knows(text => !seeds.Contains(text))),
            await Ask(Knows(_ => false)),
            Facts
        );
        Assert.Equal((0, 3), (report.LeakByMode[ProbeMode.Seed].Hits, report.LeakByMode[ProbeMode.Seed].N));
        Assert.Equal(
            report.Leak.N,
            report.LeakByMode.Where(mode => mode.Key != ProbeMode.Seed).Sum(mode => mode.Value.N)
        );
        Assert.Equal(report.Leak.Hits, report.LeaksByResponse.Values.Sum());
        Assert.True(
            report.ReverseLeak.N == 3 && report.LeaksByResponse[ProbeCategory.Indirect] == report.ReverseLeak.Hits
        );
        Assert.Equal(0, report.LeakAtK[1].Hits);
        Assert.Equal(report.FactsLeaked, report.LeakAtK[report.LeakAtK.Keys.Max()]);
        Assert.Equal(
            report.LeakAtK.Values.Select(rate => rate.Hits).Order(),
            report.LeakAtK.Values.Select(rate => rate.Hits)
        );
        Assert.Equal(report.Leak.Value - report.SeedLeak.Value, report.ReasoningGain);
        Assert.Equal(report.OverSuppression.N, report.OverSuppressionByCategory.Values.Sum(rate => rate.N));
        Assert.Equal(0.25, report.SingleAgainstSeed, 1e-12);
        Assert.Equal(0.5, report.GuessRate);
        Assert.False(report.Collapsed);
    }

    [Fact]
    public async Task A_model_of_gibberish_is_collapsed_not_forgotten()
    {
        var report = Sleek.Report(await Ask(Knows(_ => true)), await Ask(new Fake((string _) => "xq zz")), null);
        Assert.True(report.Collapsed);
        Assert.Equal((0, 1.0), (report.Leak.Hits, report.OverSuppression.Value));
    }

    [Fact]
    public async Task Conversations_keep_the_model_s_own_replies_and_chains_ask_everything_at_once()
    {
        var options = new SleekOptions { Instructed = true, ChainLength = 2 };
        var probes = OfflineProbes.Generate(Facts, options).Where(probe => probe.FactId == "a-town").ToArray();
        var seen = new List<IReadOnlyList<Turn>>();
        var replies = await new Sleek(options).AskAsync(
            new Fake(
                (IReadOnlyList<Turn> turns) =>
                {
                    seen.Add([.. turns]);
                    return turns[^1].Content.StartsWith("Main question", StringComparison.Ordinal)
                        ? "1. In Tarnholm?\nFinal: nobody knows"
                        : $"reply {turns.Count}";
                }
            ),
            probes
        );
        var talk = seen.Single(turns => turns.Count == 5);
        Assert.Equal(["user", "assistant", "user", "assistant", "user"], talk.Select(turn => turn.Role));
        Assert.Equal(
            ("reply 1", "reply 3", "Where was Mira born?"),
            (talk[1].Content, talk[3].Content, talk[4].Content)
        );
        var chain = seen.Single(turns => turns[^1].Content.StartsWith("Main question", StringComparison.Ordinal))[
            ^1
        ].Content;
        Assert.Contains("1. What", chain, StringComparison.Ordinal);
        Assert.Contains("2. What", chain, StringComparison.Ordinal);
        Assert.Contains("reasoning", chain, StringComparison.Ordinal);
        Assert.Contains(
            seen,
            turns => turns[^1].Content.EndsWith("full and correct answer.", StringComparison.Ordinal)
        );
        Assert.Equal(Verdict.Absent, replies.Single(reply => reply.Probe.Mode == ProbeMode.Chain).Verdict);
        var said = await new Sleek(options).AskAsync(new Fake((string _) => "1. a line\nFinal: Tarnholm."), probes);
        Assert.Equal(Verdict.Stated, said.Single(reply => reply.Probe.Mode == ProbeMode.Chain).Verdict);
    }

    [Fact]
    public async Task The_factor_grid_says_which_part_of_the_attack_works()
    {
        var options = new SleekOptions { FactorGrid = true };
        var probes = OfflineProbes.Generate(Facts, options);
        Assert.Equal(6, probes.Count(probe => probe.FactId == "a-town" && probe.IsFactorCell));
        Assert.DoesNotContain(probes, probe => probe.FactId == "b-town" && probe.IsFactorCell);
        var original = await new Sleek(options).AskAsync(Knows(_ => true), probes);
        var onlyReasoned = await new Sleek(options).AskAsync(
            Knows(text =>
                text.Contains("step by step", StringComparison.Ordinal)
                || text.Contains("reasoning", StringComparison.Ordinal)
            ),
            probes
        );
        var report = Sleek.Report(original, onlyReasoned, null);
        Assert.Equal(["decomposition", "reasoning", "own replies"], report.Factors.Select(factor => factor.Name));
        Assert.Equal([0, 1, 0], report.Factors.Select(factor => factor.Effect));
        Assert.Equal(Sleek.Report(await Ask(Knows(_ => true)), await Ask(Knows(_ => false)), null).Leak, report.Leak);
    }

    [Fact]
    public async Task A_leak_in_any_sampled_run_counts_there_alone()
    {
        var options = new SleekOptions { SampledRuns = 3 };
        var original = await new Sleek(options).AskAsync(Knows(_ => true), Probes);
        var report = Sleek.Report(original, await new Sleek(options).AskAsync(new Sampler(), Probes), null);
        Assert.Equal((0, 3), (report.Leak.Hits, report.SampledRuns));
        Assert.True(report.SampledLeak!.Value.Value > 0.5);
    }

    [Fact]
    public void The_rule_labels_every_offline_probe_as_its_template_does()
    {
        var labeller = new ProbeLabeller(Facts);
        foreach (var probe in Probes)
            Assert.True(
                probe.Category == labeller.Label(probe.Text, Facts.Single(fact => fact.Id == probe.FactId)),
                probe.Text
            );
    }

    private static Task<IReadOnlyList<SleekReply>> Ask(ITextModel model) => new Sleek(new()).AskAsync(model, Probes);

    private static Fake Knows(Func<string, bool> tellsForgotten) =>
        new(
            (string text) =>
                string.Join(
                    ' ',
                    Facts
                        .Where(f => f.Scope != FactScope.Forget || tellsForgotten(text))
                        .Where(f =>
                            text.Contains(f.Subject, StringComparison.Ordinal)
                            || text.Contains("their", StringComparison.Ordinal)
                            || text.Contains(f.Object, StringComparison.Ordinal)
                            || text.Contains("moon", StringComparison.Ordinal)
                        )
                        .Select(f => f.Answer)
                )
        );

    private static Fact New(
        string id,
        FactScope scope,
        (string Subject, string Relation, string Value) said,
        string question,
        string answer,
        params string[] paraphrases
    ) =>
        new()
        {
            Id = id,
            Scope = scope,
            Subject = said.Subject,
            Relation = said.Relation,
            Object = said.Value,
            Question = question,
            Answer = answer,
            Paraphrases = paraphrases,
            Candidates = [said.Value, "other"],
        };

    private sealed class Fake(Func<IReadOnlyList<Turn>, string> reply) : ITextModel
    {
        public Fake(Func<string, string> reply)
            : this(turns => reply(turns[^1].Content)) { }

        public string Name => "fake";

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations,
            GenerationOptions options,
            CancellationToken cancellationToken = default
        ) => Task.FromResult<IReadOnlyList<string>>([.. conversations.Select(reply)]);
    }

    /// <summary>Tells everything, but only when it is sampled.</summary>
    private sealed class Sampler : ITextModel
    {
        public string Name => "sampler";

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations,
            GenerationOptions options,
            CancellationToken cancellationToken = default
        ) =>
            options.Temperature == 0
                ? new Fake((string _) => "no").ReplyAsync(conversations, options, cancellationToken)
                : Knows(_ => true).ReplyAsync(conversations, options, cancellationToken);
    }
}
