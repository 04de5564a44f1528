using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Reproductions;

namespace Palimpsest.Cli.Verbs;

/// <summary>How a deletion request against a built-in model is audited.</summary>
internal sealed class WorldScenario(WorldLab lab)
{
    /// <summary>The audit of a candidate.</summary>
    public AuditRequest Audit(string method, LanguageModel candidate, string modelHash) => new()
    {
        Method = method,
        Models = new(lab.Original, candidate, lab.Retrained),
        Facts = lab.World.Facts,
        Probes = [.. lab.TwoHopProbes()],
        Rows = new()
        {
            Forget = lab.World.QaRows(FactScope.Forget),
            Retain = [.. lab.World.QaRows(FactScope.Retain).Take(60)],
            WorldFacts = lab.World.QaRows(FactScope.Irrelevant),
            Holdout = lab.World.HoldoutRows,
        },
        Tofu = new() { GradientNorm = false, MaxNewTokens = 40, BatchSize = 64 },
        Sleek = new() { MaxNewTokens = 40, ProbesPerCategory = 2 },
        Tests = RobustnessTests.Of(lab.World.Facts, new()),
        Hashes = new Dictionary<string, string> { ["model"] = modelHash, ["world"] = AuditFiles.Hash(lab.World.Options.ToString()) },
    };
}
