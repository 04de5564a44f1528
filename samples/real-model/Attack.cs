using Palimpsest.Training;

namespace Palimpsest.Samples;

/// <summary>The audit: what an attacker still gets.</summary>
internal static class Attack
{
    public static Task<AuditReport> RunAsync(
        LanguageModel original,
        LanguageModel candidate,
        IReadOnlyList<Fact> facts,
        Settings settings,
        string modelHash,
        StageFolder stages,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var request = new AuditRequest
        {
            Method = $"npo-rt on {original.Name}",
            Models = new(original, candidate),
            Facts = facts,
            Rows = new()
            {
                Forget = Rows(facts, FactScope.Forget),
                Retain = Rows(facts, FactScope.Retain),
                WorldFacts = Rows(facts, FactScope.Irrelevant),
            },
            Sleek = new()
            {
                MaxNewTokens = 40,
                ProbesPerCategory = 1,
                ChainLength = 1,
                Seed = settings.Seed,
            },
            Tests = Tests(facts, settings),
            Stages = stages,
            Provenance = new()
            {
                Unlearning = new Dictionary<string, string> { ["method"] = "npo-rt" },
                Hashes = new Dictionary<string, string>
                {
                    ["model"] = modelHash,
                    ["facts"] = ContentHash.OfText(TextFile.Read(settings.Probes)),
                },
            },
        };
        return new Auditor(TimeProvider.System).RunAsync(request, progress, cancellationToken);
    }

    private static IAuditTest[] Tests(IReadOnlyList<Fact> facts, Settings settings)
    {
        Fact[] forget = [.. facts.Where(fact => fact.Scope == FactScope.Forget)];
        var taught = new SeededRandom(settings.Seed).Shuffled(forget).Take(settings.RelearnTexts).ToArray();
        var relearning = new RelearnOptions
        {
            Steps = 10,
            LearningRate = 5e-5,
            Seed = settings.Seed,
        };
        var metrics = new TofuOptions
        {
            GradientNorm = false,
            MaxNewTokens = 32,
            BatchSize = 64,
        };
        return
        [
            new AskedTest(),
            new SleekTest(),
            new ProbabilitiesTest(),
            new TofuTest(metrics),
            new RelearningTest(
                new(taught, [.. forget.Except(taught)], "a few texts were taught, drawn by chance"),
                new RelearnTransform([.. taught.Select(fact => (fact.Question, fact.Answer))], relearning)
            ),
            new QuantisationTest(4, new QuantizeTransform(new() { Bits = 4 })),
        ];
    }

    private static QuestionAnswer[] Rows(IReadOnlyList<Fact> facts, FactScope scope) =>
        [
            .. facts
                .Where(fact => fact.Scope == scope)
                .Select(fact => new QuestionAnswer
                {
                    Question = fact.Question,
                    Answer = fact.Answer,
                    ParaphrasedQuestion = fact.Paraphrases is [var other, ..] ? other : null,
                    PerturbedAnswers = [.. fact.AnswersByCandidate().Skip(1)],
                }),
        ];
}
