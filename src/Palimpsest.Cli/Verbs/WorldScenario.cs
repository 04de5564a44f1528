using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Unlearning;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Verbs;

/// <summary>A deletion request against a built-in model: what to forget and how to audit it.</summary>
internal sealed class WorldScenario(World world, LanguageModel original)
{
    /// <summary>The unlearning job over the seed questions.</summary>
    public UnlearnJob Job(double learningRate, int epochs, ulong seed) => new()
    {
        Model = original.Decoder,
        PadId = original.PadId,
        Forget = Encode(world.QaRows(FactScope.Forget)),
        Retain = Encode([.. world.QaRows(FactScope.Retain), .. world.QaRows(FactScope.Irrelevant)]),
        BatchSize = 8,
        Training = new() { Epochs = epochs, Optimizer = new() { LearningRate = learningRate }, Seed = seed },
    };

    /// <summary>The audit of a candidate.</summary>
    public AuditRequest Audit(string method, LanguageModel candidate, LanguageModel retrained, string modelHash) => new()
    {
        Method = method,
        Models = new(original, candidate, retrained),
        Facts = world.Facts,
        Probes = [.. TwoHops()],
        Rows = new()
        {
            Forget = world.QaRows(FactScope.Forget),
            Retain = [.. world.QaRows(FactScope.Retain).Take(60)],
            WorldFacts = world.QaRows(FactScope.Irrelevant),
            Holdout = world.HoldoutRows,
        },
        Tofu = new() { GradientNorm = false, MaxNewTokens = 40, BatchSize = 64 },
        Sleek = new() { MaxNewTokens = 40, ProbesPerCategory = 2 },
        Tests = RobustnessTests.Of(world.Facts, new()),
        Hashes = new Dictionary<string, string> { ["model"] = modelHash, ["world"] = AuditFiles.Hash(world.Options.ToString()) },
    };

    private TokenSequence[] Encode(IEnumerable<QuestionAnswer> rows) => [.. rows.Select((row, i) => original.EncodeAnswer(row.Question, row.Answer, i))];

    private IEnumerable<SleekProbe> TwoHops()
    {
        foreach (var (hop, i) in world.TwoHops.Where(hop => !hop.Trained && hop.Scope == FactScope.Forget).Select((hop, i) => (hop, i)))
        {
            if (world.Facts.FirstOrDefault(fact => fact.Subject == hop.Subject && fact.Relation == hop.Relation) is not { } fact)
                continue;
            yield return new()
            {
                Id = $"{fact.Id}/two-hop/{i}",
                FactId = fact.Id,
                Scope = hop.Scope,
                Category = ProbeCategory.Implied,
                Text = hop.Question,
                KnowledgePoint = fact.Answer,
                Expected = [hop.Object, .. fact.Aliases],
            };
        }
    }
}
