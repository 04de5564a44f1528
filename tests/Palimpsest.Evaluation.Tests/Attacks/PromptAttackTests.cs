namespace Palimpsest.Evaluation.Tests;

public sealed class PromptAttackTests
{
    private static readonly IReadOnlyList<Fact> Facts =
    [
        New("ada", "Ada", "Tarn", FactScope.Forget),
        New("ada2", "Ada", "Pell", FactScope.Forget),
        New("bea", "Bea", "Orme", FactScope.Forget),
        New("cid", "Cid", "Tarn", FactScope.Forget),
        New("eve", "Eve", "Ross", FactScope.Retain),
        New("fay", "Fay", "Tarn", FactScope.Retain),
        New("gus", "Gus", "Pell", FactScope.Retain),
        New("sun", "Sun", "Sky", FactScope.Irrelevant),
    ];

    [Fact]
    public void Wrappers_keep_the_question_and_other_words_come_last()
    {
        var fact = Facts[0];
        var prompts = new PromptWrappers(new()).PromptsFor(fact, Facts).ToArray();
        Assert.Equal(
            ["role", "affirmative", "override", "form", "sentence", "other words"],
            prompts.Select(prompt => prompt.Variant)
        );
        Assert.All(
            prompts.SkipLast(1),
            prompt => Assert.Contains(fact.Question, Last(prompt), StringComparison.Ordinal)
        );
        Assert.All(prompts.SkipLast(1), prompt => Assert.NotEqual(fact.Question, Last(prompt)));
        Assert.Equal(fact.Paraphrases[0], Last(prompts[^1]));
        Assert.All(prompts, prompt => Assert.Single(prompt.Conversation));
        var bare = new PromptWrappers(new()).PromptsFor(fact with { Paraphrases = [] }, Facts);
        Assert.Equal(5, bare.Count());
    }

    [Fact]
    public void Shots_are_kept_facts_that_do_not_hold_the_answer_and_the_question_is_last()
    {
        var prompt = Assert.Single(new ManyShot(new() { Shots = 5 }).PromptsFor(Facts[0], Facts));
        var turns = prompt.Conversation;
        Assert.Equal(5, turns.Count);
        Assert.Equal(["user", "assistant", "user", "assistant", "user"], turns.Select(turn => turn.Role));
        Assert.Equal(Facts[0].Question, turns[^1].Content);
        var shots = turns.Where(turn => turn.Role == "assistant").Select(turn => turn.Content).Order().ToArray();
        Assert.Equal([Facts[4].Answer, Facts[6].Answer], shots);
        Assert.Equal(
            3,
            Assert.Single(new ManyShot(new() { Shots = 1 }).PromptsFor(Facts[0], Facts)).Conversation.Count
        );
        Assert.Empty(new ManyShot(new()).PromptsFor(Facts[0], [.. Facts.Take(4)]));
        string Order(ulong seed) =>
            string.Join('|', new ManyShot(new() { Seed = seed }).PromptsFor(Facts[2], Facts).Single().Conversation);
        Assert.Equal(Order(1), Order(1));
        Assert.Contains(Enumerable.Range(2, 20), seed => Order((ulong)seed) != Order(1));
    }

    [Fact]
    public void Reminders_are_other_forgotten_facts_of_the_same_subject_first_and_never_the_answer()
    {
        var attack = new Reintroduction(new());
        var text = Last(Assert.Single(attack.PromptsFor(Facts[0], Facts)));
        Assert.Equal($"{Facts[1].Answer} {Facts[2].Answer} {Facts[0].Question}", text);
        text = Last(Assert.Single(attack.PromptsFor(Facts[2], Facts)));
        Assert.Equal($"{Facts[0].Answer} {Facts[1].Answer} {Facts[3].Answer} {Facts[2].Question}", text);
        text = Last(Assert.Single(new Reintroduction(new() { Reminders = 1 }).PromptsFor(Facts[3], Facts)));
        Assert.Equal($"{Facts[1].Answer} {Facts[3].Question}", text);
        Assert.Empty(attack.PromptsFor(Facts[0], [Facts[0], Facts[3], Facts[4]]));
        text = Last(Assert.Single(attack.PromptsFor(Facts[0], [.. Facts.Reverse()])));
        Assert.Equal($"{Facts[1].Answer} {Facts[2].Answer} {Facts[0].Question}", text);
        var alias = Facts[0] with { Aliases = ["Orme"] };
        Assert.DoesNotContain("Orme", Last(Assert.Single(attack.PromptsFor(alias, Facts))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_best_way_counts_between_the_retrained_model_and_the_original_on_the_same_prompts()
    {
        // Under the attack the candidate states three of four facts in one way and one in the other.
        var attack = new TwoWays();
        var candidate = Model("candidate", asked: ["Bea"], first: ["Ada"], second: ["Ada", "Bea", "Cid"]);
        var never = Model("never", asked: [], first: [], second: ["Cid"]);
        var original = Model("original", asked: ["Ada", "Bea", "Cid"], first: ["Ada"], second: ["Ada", "Bea", "Cid"]);
        var (before, found, foundSomething) = await RunAsync(original, candidate, never, attack);
        // Original 4 of 4, retrained 1 of 4, candidate 4 of 4 in the second way.
        Assert.Equal(1, found.Recovery!.Value);
        Assert.Equal(4, found.Recovery.N);
        // Asked: candidate 1 of 4, retrained none, original all.
        Assert.Equal(0.25, found.Recovery.Before!.Value);
        Assert.Equal(0.25, before.Levels["candidate"].Value);
        Assert.Equal((1.0, 0.25), (found.Levels["candidate"].Value, found.Levels["retrained"].Value));
        Assert.True(foundSomething);
        var numbers = found.Read<AttackFindings>();
        Assert.Equal(
            [("first", 2, 2, 0), ("second", 4, 4, 1)],
            numbers.Variants.Select(v => (v.Variant, v.Original.Hits, v.Candidate.Hits, v.Retrained!.Value.Hits))
        );
        Assert.Equal(6, numbers.Leaks.Count);
        Assert.Equal(["bea"], numbers.Leaks.Where(leak => leak.SaidWhenAsked).Select(leak => leak.FactId));
        Assert.All(numbers.Leaks, leak => Assert.StartsWith("It is", leak.Reply, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_says_no_more_than_the_retrained_one_gives_nothing()
    {
        var original = Model("original", asked: ["Ada", "Bea", "Cid"], first: ["Ada", "Bea", "Cid"], second: []);
        var never = Model("never", asked: [], first: ["Bea"], second: []);
        var (_, found, foundSomething) = await RunAsync(original, never, never, new TwoWays());
        Assert.Equal((0, false), (found.Recovery!.Value, foundSomething));
        // Half of what lies between the two.
        var half = Model("half", asked: [], first: ["Ada"], second: []);
        (_, found, _) = await RunAsync(original, half, never, new TwoWays());
        Assert.Equal((2 - 1) / 3.0, found.Recovery!.Value, 1e-12);
        (_, found, _) = await RunAsync(original, half, null, new TwoWays());
        Assert.Equal(2 / 4.0, found.Recovery!.Value, 1e-12);
    }

    [Fact]
    public async Task Several_attacks_share_one_baseline_and_an_audit_shares_it_with_its_own_question()
    {
        var candidate = FakeAudit.Model("silent", says: false, holds: 0.5);
        var never = FakeAudit.Model("never", says: false, holds: 0.5);
        PromptAttackTest Wrapped(int tokens) => new(new PromptWrappers(new() { MaxNewTokens = tokens }));
        var results = await AttackRunner.RunAsync(
            FakeAudit.Request(candidate, never, Wrapped(3), new PromptAttackTest(new Again()))
        );
        // The facts' own questions once, and each attack's prompts once.
        Assert.Equal(3, candidate.Calls);
        Assert.Same(results[0].Before, results[1].Before);
        Assert.All(results, result => Assert.False(result.FoundSomething));

        candidate = FakeAudit.Model("silent", says: false, holds: 0.5);
        var report = await FakeAudit.RunAsync(candidate, never, new AskedTest(), Wrapped(3));
        Assert.Equal(2, candidate.Calls);
        Assert.Equal(0, report.Find("prompt wrappers")!.Recovery!.Value);
    }

    [Fact]
    public async Task An_attack_that_cannot_be_made_says_why_before_any_work()
    {
        var candidate = FakeAudit.Model("silent", says: false, holds: 0.5);
        var request = FakeAudit.Request(candidate, null, new MembershipTest(new()));
        var error = await Assert.ThrowsAsync<InputException>(() => AttackRunner.RunAsync(request));
        Assert.Contains(
            "needs two forget rows and two rows that no model saw",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, candidate.Calls);
        request = request with { Tests = [new PromptAttackTest(new Nothing())] };
        await Assert.ThrowsAsync<InputException>(() => AttackRunner.RunAsync(request));
    }

    private static string Last(AttackPrompt prompt) => prompt.Conversation[^1].Content;

    private static async Task<AttackResult> RunAsync(
        FakeScoredModel original,
        FakeScoredModel candidate,
        FakeScoredModel? never,
        IPromptAttack attack
    )
    {
        var request = FakeAudit.Request(candidate, never, new PromptAttackTest(attack));
        request = request with { Models = request.Models with { Original = original }, Facts = Facts };
        return Assert.Single(await AttackRunner.RunAsync(request));
    }

    /// <summary>A model that states the facts of some subjects: when asked, and in either way of an attack.</summary>
    private static FakeScoredModel Model(string name, string[] asked, string[] first, string[] second) =>
        new(
            name,
            question =>
            {
                var known = question.StartsWith("first", StringComparison.Ordinal) ? first : asked;
                known = question.StartsWith("second", StringComparison.Ordinal) ? second : known;
                var fact = Facts.First(fact => question.EndsWith(fact.Question, StringComparison.Ordinal));
                var kept = fact.Scope != FactScope.Forget;
                return kept || known.Contains(fact.Subject) ? $"It is {fact.Object}." : "I do not know.";
            },
            (_, _) => 1
        );

    private static Fact New(string id, string subject, string value, FactScope scope) =>
        new()
        {
            Id = id,
            Scope = scope,
            Subject = subject,
            Relation = "birthplace",
            Object = value,
            Question = $"Where was {subject} ({id}) born?",
            Answer = $"{subject} was born in {value}.",
            Paraphrases = [$"In which town was {subject} born?"],
        };

    private sealed class TwoWays : IPromptAttack
    {
        public string Name => "two ways";

        public string Settings => "";

        public int MaxNewTokens => 4;

        public IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts) =>
            [
                new("first", fact, [Turn.User($"first {fact.Question}")]),
                new("second", fact, [Turn.User($"second {fact.Question}")]),
                // Holds its own answer and is dropped.
                new("third", fact, [Turn.User($"{fact.Object}? {fact.Question}")]),
            ];
    }

    private sealed class Again : IPromptAttack
    {
        public string Name => "again";

        public string Settings => "";

        public int MaxNewTokens => 4;

        public IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts) =>
            [new("again", fact, [Turn.User($"Again: {fact.Question}")])];
    }

    private sealed class Nothing : IPromptAttack
    {
        public string Name => "nothing";

        public string Settings => "";

        public int MaxNewTokens => 4;

        public IEnumerable<AttackPrompt> PromptsFor(Fact fact, IReadOnlyList<Fact> facts) => [];
    }
}
