using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Verbs;

/// <summary>How deletion requests against a built-in model are audited.</summary>
internal sealed class WorldScenario(WorldLab lab)
{
    /// <summary>How the audits of the world ask.</summary>
    public static readonly SleekOptions Asking = new() { MaxNewTokens = 40, ProbesPerCategory = 2 };

    // Every audit shares rows, facts and tests, so that an auditor measures the original and the retrained model once.
    private readonly AuditRequest _shared = new()
    {
        Models = new(lab.Original, lab.Original, lab.Retrained),
        Facts = lab.World.Facts,
        Probes = OfflineProbes.Generate(lab.World.Facts, Asking, lab.TwoHopProbes()),
        Rows = new()
        {
            Forget = lab.World.QaRows(FactScope.Forget),
            Retain = [.. lab.World.QaRows(FactScope.Retain).Take(60)],
            WorldFacts = lab.World.QaRows(FactScope.Irrelevant),
            Holdout = lab.World.HoldoutRows,
        },
        Sleek = Asking,
        Tests = DefaultTests.Create(
            lab.World.Facts,
            new(),
            new()
            {
                GradientNorm = false,
                MaxNewTokens = 40,
                BatchSize = 64,
            }
        ),
    };

    /// <summary>The audit of a candidate.</summary>
    /// <param name="method">The method's id.</param>
    /// <param name="settings">Its settings, by name.</param>
    /// <param name="candidate">The model that was made to forget.</param>
    /// <param name="modelHash">Its hash.</param>
    /// <param name="stages">Where finished measurements are kept.</param>
    public AuditRequest Audit(
        string method,
        IReadOnlyDictionary<string, string> settings,
        LanguageModel candidate,
        string modelHash,
        StageFolder stages
    ) =>
        _shared with
        {
            Method = method,
            Models = _shared.Models with { Candidate = candidate },
            Stages = stages,
            Provenance = new()
            {
                Unlearning = new Dictionary<string, string>(settings) { ["method"] = method },
                Hashes = new Dictionary<string, string>
                {
                    ["model"] = modelHash,
                    ["world"] = ContentHash.OfText(lab.World.Options.ToString()),
                },
            },
        };
}
