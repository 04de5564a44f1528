namespace Palimpsest.Worlds;

/// <summary>The audits by which a world's models are read: the default battery, and smaller ones under other
/// conditions.</summary>
internal sealed class VerdictAudits
{
    private const int Neighbours = 8;
    private const ulong OtherSeed = 2;

    private static readonly SleekOptions Asking = new() { MaxNewTokens = 40, ProbesPerCategory = 2 };
    private static readonly TofuOptions Tofu = new()
    {
        GradientNorm = false,
        MaxNewTokens = 40,
        BatchSize = 64,
    };

    private readonly Auditor _auditor = new(TimeProvider.System);
    private readonly IModelTransform _rounding = new QuantizeTransform(new() { Bits = 4 });
    private readonly IModelTransform _teaching;
    private readonly AuditRequest _whole;
    private readonly AuditRequest _measured;
    private readonly AuditRequest _other;

    /// <summary>Prepares the audits; those of one world share what they measure of its original and retrained
    /// model.</summary>
    public VerdictAudits(WorldLab lab)
    {
        var world = lab.World;
        var split = RelearnSplit.Of(world.Facts);
        _teaching = new RelearnTransform(split.Rows, new());
        _whole = new()
        {
            Models = new(lab.Original, lab.Original, lab.Retrained),
            Facts = world.Facts,
            Probes = Probes(lab, Asking),
            Rows = Rows(world, world.FactsOf(FactScope.Forget)),
            Sleek = Asking,
            Tests = AuditBattery.Default(
                world.Facts,
                rows => new RelearnTransform(rows, new()),
                bits => new QuantizeTransform(new() { Bits = bits }),
                Tofu
            ),
        };
        var taught = split.Taught.Select(fact => fact.Id).ToHashSet(StringComparer.Ordinal);
        Fact[] facts = [.. world.Facts.Where(fact => !taught.Contains(fact.Id))];
        _measured = _whole with
        {
            Facts = facts,
            Probes = [.. OfflineProbes.Generate(split.Measured, Asking).Where(probe => probe.IsSeed)],
            Rows = Rows(world, split.Measured),
            Tests =
            [
                new AskedTest(),
                new ProbabilitiesTest(),
                new TofuTest(Tofu),
                new LogitLensTest(),
                new LinearProbeTest(),
                new ActivationPatchingTest(),
            ],
        };
        var others = Asking with { Seed = OtherSeed };
        _other = _whole with
        {
            Probes = Probes(lab, others),
            Sleek = others,
            Tests =
            [
                new AskedTest(),
                new SleekTest(),
                new RelearningTest(split, new RelearnTransform(split.Rows, new() { Seed = OtherSeed })),
            ],
        };
    }

    /// <summary>What the battery reads of a candidate, as it is and under the other conditions.</summary>
    /// <param name="model">World, treatment and kind; the rest is filled in.</param>
    /// <param name="candidate">The model.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<ValidatedModel> ReadAsync(
        (string World, string Treatment, bool SawFacts) model,
        LanguageModel candidate,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var parts = new ProgressParts(progress, [8, 1, 1, 1, 6]);
        Task<AuditReport> Audit(int part, string condition, AuditRequest request, IWeightModel audited) =>
            _auditor.RunAsync(
                request with
                {
                    Models = request.Models with { Candidate = audited },
                },
                parts.Part(part, condition),
                cancellationToken
            );
        var report = await Audit(0, "audit", _whole, candidate).ConfigureAwait(false);
        var under = new Dictionary<string, IReadOnlyDictionary<string, double>>
        {
            [VerdictValidation.AsItIs] = MetricReadings.Read(
                await Audit(1, VerdictValidation.AsItIs, _measured, candidate).ConfigureAwait(false)
            ),
        };
        foreach (
            var (i, (condition, change)) in new[]
            {
                (VerdictValidation.Rounded, _rounding),
                (VerdictValidation.Relearned, _teaching),
            }.Index()
        )
        {
            using var changed = await change.ApplyAsync(candidate, null, cancellationToken).ConfigureAwait(false);
            under[condition] = MetricReadings.Read(
                await Audit(2 + i, condition, _measured, changed).ConfigureAwait(false)
            );
        }

        under[VerdictValidation.OtherProbes] = MetricReadings.Read(
            await Audit(4, VerdictValidation.OtherProbes, _other, candidate).ConfigureAwait(false)
        );
        return new()
        {
            World = model.World,
            Treatment = model.Treatment,
            SawFacts = model.SawFacts,
            Label = RemovalLabels.NameOf(report.Verdict.Label),
            Readings = MetricReadings.Read(report),
            Under = under,
        };
    }

    // Every probe of what was to be forgotten, and those of a few people who were to be kept.
    private static IReadOnlyList<SleekProbe> Probes(WorldLab lab, SleekOptions options)
    {
        var kept = lab
            .World.People.Where(person => person.Scope == FactScope.Retain)
            .Take(Neighbours)
            .Select(person => person.Name)
            .ToHashSet(StringComparer.Ordinal);
        Fact[] facts =
        [
            .. lab.World.Facts.Where(fact => fact.Scope != FactScope.Retain || kept.Contains(fact.Subject)),
        ];
        return OfflineProbes.Generate(facts, options, lab.TwoHopProbes());
    }

    private static TofuData Rows(World world, IReadOnlyList<Fact> forget)
    {
        var asked = forget.Select(fact => fact.Id).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Forget =
            [
                .. world
                    .FactsOf(FactScope.Forget)
                    .Zip(world.QaRows(FactScope.Forget))
                    .Where(pair => asked.Contains(pair.First.Id))
                    .Select(pair => pair.Second),
            ],
            Retain = [.. world.QaRows(FactScope.Retain).Take(60)],
            WorldFacts = world.QaRows(FactScope.Irrelevant),
            Holdout = world.HoldoutRows,
        };
    }
}
