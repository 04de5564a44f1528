namespace Palimpsest.Reproductions;

/// <summary>Asks the models of a laboratory the same questions by Sleek.</summary>
internal sealed class SleekBench
{
    private const int RetainedPeople = 10;
    private const int Controls = 20;
    private readonly WorldLab _lab;
    private readonly Sleek _sleek;
    private readonly IProgress<TaskProgress>? _progress;
    private readonly CancellationToken _cancellationToken;

    private SleekBench(
        WorldLab lab,
        SleekOptions attack,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        (_lab, _sleek, _progress, _cancellationToken) = (lab, new(attack), progress, cancellationToken);
        Probes = OfflineProbes.Generate([.. Facts(lab.World)], attack, lab.TwoHopProbes());
        SeedProbes = [.. Probes.Where(probe => probe is { IsSeed: true, Scope: FactScope.Forget })];
    }

    /// <summary>Every question.</summary>
    public IReadOnlyList<SleekProbe> Probes { get; }

    /// <summary>The questions that were to be forgotten, as they were trained.</summary>
    public IReadOnlyList<SleekProbe> SeedProbes { get; }

    /// <summary>What the original answers.</summary>
    public IReadOnlyList<SleekReply> Original { get; private set; } = [];

    /// <summary>Writes the questions and asks the original.</summary>
    public static async Task<SleekBench> OpenAsync(
        WorldLab lab,
        SleekOptions attack,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var bench = new SleekBench(lab, attack, progress, cancellationToken);
        bench.Original = await bench.AskAsync(lab.Original).ConfigureAwait(false);
        return bench;
    }

    /// <summary>What a model answers to every question.</summary>
    public Task<IReadOnlyList<SleekReply>> AskAsync(LanguageModel model) =>
        _sleek.AskAsync(model, Probes, _progress, _cancellationToken);

    /// <summary>Makes a copy of the original forget until its answers to the seed questions satisfy a
    /// condition, and asks it everything.</summary>
    /// <returns>The step at which it did, null where it never did, and all answers.</returns>
    public async Task<(int? Step, IReadOnlyList<SleekReply> Replies)> ForgetAsync(
        string method,
        TrainOptions training,
        Func<IReadOnlyList<SleekReply>, bool> isEnough
    )
    {
        var (model, step) = await _lab.ForgetUntilAsync(
                method,
                training,
                every: 2,
                async (at, _) =>
                    isEnough(await _sleek.AskAsync(at, SeedProbes, null, _cancellationToken).ConfigureAwait(false)),
                _progress,
                _cancellationToken
            )
            .ConfigureAwait(false);
        using var owned = model;
        return (step, await AskAsync(model).ConfigureAwait(false));
    }

    /// <summary>All facts about the people to be forgotten, those about as many others nearest in the list, and
    /// controls.</summary>
    private static IEnumerable<Fact> Facts(World world)
    {
        var kept = world
            .People.Where(person => person.Scope == FactScope.Retain)
            .Take(RetainedPeople)
            .Select(person => person.Name)
            .ToHashSet();
        return
        [
            .. world.FactsOf(FactScope.Forget),
            .. world.Facts.Where(fact => kept.Contains(fact.Subject)),
            .. world.FactsOf(FactScope.Irrelevant).Take(Controls),
        ];
    }
}
