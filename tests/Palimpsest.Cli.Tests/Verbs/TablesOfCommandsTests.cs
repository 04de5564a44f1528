using Palimpsest.Cli.Verbs;
using Palimpsest.Evaluation;
using Palimpsest.Reproductions;
using Spectre.Console;

namespace Palimpsest.Cli.Tests;

/// <summary>The tables of all commands on narrow and wide terminals.</summary>
public sealed class TablesOfCommandsTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    [Theory]
    [InlineData(60), InlineData(70), InlineData(80), InlineData(120)]
    public void Every_word_of_every_table_is_whole(int width)
    {
        Table[] tables =
        [
            SystemsVerb.TableOf(SystemsVerb.Lines()),
            ModelInfoVerb.TableOf(ModelInfo.Read(work.Model)),
            ModelDiffVerb.TableOf(ModelDiff.Compare(work.Model, work.CopyOfModel($"diff-{width}"))),
            .. DataCheckVerb.TablesOf(DataCheck.Run(new() { Forget = work.Forget, Retain = work.Retain })),
            ReproduceVerb.TableOf(Result()),
            AuditTable.Of([Audited("ga"), Audited("npo-rt")]),
            RateTable.Of(new Dictionary<string, Rate> { ["forget"] = new(3, 40), ["all"] = new(9, 80) }, "Right"),
            SleekTable.Of(Probed()),
        ];
        foreach (var table in tables)
            RenderedTable.RequireWhole(table, width);
    }

    [Theory]
    [InlineData(60), InlineData(80), InlineData(120)]
    public void The_list_of_systems_stays_in_one_piece(int width)
    {
        var list = RenderedTable.Render(width, console => console.WriteTable(SystemsVerb.TableOf(SystemsVerb.Lines())));
        Assert.Single(
            list.Split('\n'),
            line => line.Contains("Id ", StringComparison.Ordinal) && line.Contains("Offers", StringComparison.Ordinal)
        );
    }

    private static ReproductionResult Result() =>
        new()
        {
            Id = "npo",
            Title = "Negative preference optimisation",
            ArXiv = "2404.05868",
            Group = "unlearning",
            Version = 1,
            Claim = "It keeps more than gradient ascent at equal forgetting.",
            Baseline = "Gradient ascent",
            Setting = "A small model",
            Outcome = Outcome.Shown,
            Criteria = [],
            Seeds =
            [
                .. Enumerable
                    .Range(1, 3)
                    .Select(seed => new SeedValues(
                        (ulong)seed,
                        [
                            new("gradient ascent with retain rows", "share of kept answers at equal forgetting", 0.25),
                            new("npo", "nats per token of the forget rows", 12345.678),
                        ]
                    )),
            ],
            Environment = new Dictionary<string, string>(),
            Seconds = 1,
            Finished = DateTimeOffset.UnixEpoch,
        };

    private static AuditReport Audited(string method)
    {
        static Recovery Test(string name, AuditAxis axis) =>
            new(name, 0.76, new(0.71, 0.81), 40) { Axis = axis, Before = axis == AuditAxis.Holds ? 0.3 : null };
        Recovery[] evidence =
        [
            Test("asked", AuditAxis.Says),
            Test("relearning on a part of the rows", AuditAxis.Holds),
            Test("4-bit quantisation", AuditAxis.Holds),
            Test("probabilities of the answers", AuditAxis.Holds),
            Test("logit lens", AuditAxis.Holds),
        ];
        AuditFinding Finding(string test) =>
            new()
            {
                Test = test,
                Axis = AuditAxis.Says,
                Access = ModelAccess.Replies,
                Levels = new Dictionary<string, MeasuredLevel> { ["candidate"] = new(0.76, new(0.71, 0.81), 40) },
            };
        return new()
        {
            Method = method,
            Finished = DateTimeOffset.UnixEpoch,
            Reference = "retrained",
            Verdict = new(
                RemovalLabel.RemovalConsistent,
                "Why.",
                evidence[0],
                new(0.95, new(0.93, 0.97), 40),
                evidence,
                []
            ),
            Thresholds = new(),
            Rows = new Dictionary<string, int> { ["forget"] = 40 },
            Findings = [Finding("asked"), Finding("Sleek")],
            Judge = "alias",
            ProbesHash = "00",
            Provenance = new()
            {
                Options = new Dictionary<string, string>(),
                Hashes = new Dictionary<string, string>(),
                Seeds = new Dictionary<string, ulong>(),
            },
            Environment = new Dictionary<string, string>(),
        };
    }

    private static SleekReport Probed()
    {
        SleekReply[] replies =
        [
            .. new[] { ProbeMode.Seed, ProbeMode.Single, ProbeMode.Chain }.Select(mode => new SleekReply(
                new()
                {
                    Id = $"{mode}",
                    FactId = "a",
                    Scope = FactScope.Forget,
                    Category = ProbeCategory.Direct,
                    Text = "Where?",
                    KnowledgePoint = "Mira was born in Tarnholm.",
                    Expected = ["Tarnholm"],
                    Mode = mode,
                },
                "Tarnholm",
                Verdict.Stated
            )),
        ];
        return Sleek.Report(replies, replies, replies);
    }
}
