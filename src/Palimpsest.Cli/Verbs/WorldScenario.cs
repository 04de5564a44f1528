using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Reproductions;

namespace Palimpsest.Cli.Verbs;

/// <summary>How deletion requests against a built-in model are audited.</summary>
internal sealed class WorldScenario(WorldLab lab)
{
    // Every audit shares rows, facts and tests, so that an auditor measures the original and the retrained model once.
    private readonly AuditRequest _shared = new()
    {
        Models = new(lab.Original, lab.Original, lab.Retrained),
        Facts = lab.World.Facts,
        Probes = [.. lab.TwoHopProbes()],
        Rows = new()
        {
            Forget = lab.World.QaRows(FactScope.Forget),
            Retain = [.. lab.World.QaRows(FactScope.Retain).Take(60)],
            WorldFacts = lab.World.QaRows(FactScope.Irrelevant),
            Holdout = lab.World.HoldoutRows,
        },
        Tofu = new()
        {
            GradientNorm = false,
            MaxNewTokens = 40,
            BatchSize = 64,
        },
        Sleek = new() { MaxNewTokens = 40, ProbesPerCategory = 2 },
        Tests = RobustnessTests.Of(lab.World.Facts, new()),
    };

    /// <summary>The audit of a candidate.</summary>
    public AuditRequest Audit(string method, LanguageModel candidate, string modelHash, StageFolder stages) =>
        _shared with
        {
            Method = method,
            Models = _shared.Models with { Candidate = candidate },
            Stages = stages,
            Hashes = new Dictionary<string, string>
            {
                ["model"] = modelHash,
                ["world"] = ContentHash.OfText(lab.World.Options.ToString()),
            },
        };
}
