using System.Diagnostics;

namespace Palimpsest.Reproductions;

/// <summary>Runs reproductions and keeps their results in a folder: finished ones are reused, begun ones go on at the
/// next seed.</summary>
/// <param name="folder">Gets one JSON file per system.</param>
/// <param name="clock">Gives the time in the results.</param>
public sealed class ReproductionRunner(string folder, TimeProvider clock)
{
    private const string ModelKey = "model";

    /// <summary>The result file of a system.</summary>
    public string PathOf(string id) => Path.Combine(folder, $"{id}.json");

    /// <summary>The result of a system that is finished at this version with these seeds, or null.</summary>
    /// <param name="entry">The system.</param>
    /// <param name="seeds">In order.</param>
    /// <param name="given">The model from elsewhere that it has to be measured on; null takes any.</param>
    /// <exception cref="InputException">Its file is no result.</exception>
    public ReproductionResult? Finished(ReproductionEntry entry, IReadOnlyList<ulong> seeds, GivenModel? given = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return
            Read(PathOf(entry.Id), entry, given) is { } result
            && result.Seeds.Select(seed => seed.Seed).SequenceEqual(seeds)
            ? result
            : null;
    }

    /// <summary>Runs a system's claim, or gives its finished result.</summary>
    /// <param name="entry">The system.</param>
    /// <param name="seeds">At least one, each once.</param>
    /// <param name="context">Models, processes, progress.</param>
    /// <param name="fresh">Measures anew whatever is there.</param>
    /// <param name="cancellationToken">Stops; seeds that were finished are kept.</param>
    /// <exception cref="InputException">A seed stands twice, a model that is needed is not given, or a file cannot be
    /// read or written.</exception>
    public async Task<ReproductionResult> RunAsync(
        ReproductionEntry entry,
        IReadOnlyList<ulong> seeds,
        ReproductionContext context,
        bool fresh,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        if (seeds.Count == 0 || seeds.Distinct().Count() != seeds.Count)
            throw new InputException(
                $"The seeds are '{string.Join(',', seeds)}'; needed is at least one, and each once."
            );
        if (!fresh && Finished(entry, seeds, context.Given) is { } finished)
            return finished;
        RequireModel(entry, context.Given);
        var unfinished = PathOf(entry.Id) + ".unfinished";
        var begun = fresh ? null : Read(unfinished, entry, context.Given);
        var (done, seconds) = (
            begun?.Seeds.Where(seed => seeds.Contains(seed.Seed)).ToList() ?? [],
            begun?.Seconds ?? 0
        );
        var reproduction = entry.Create();
        ReproductionResult? result = null;
        foreach (var seed in seeds.Where(seed => done.All(before => before.Seed != seed)))
        {
            var started = Stopwatch.GetTimestamp();
            context.Progress?.Report(new(FormattableString.Invariant($"seed {seed}"), done.Count, seeds.Count));
            done.Add(
                new(seed, await reproduction.MeasureAsync(context, seed, cancellationToken).ConfigureAwait(false))
            );
            seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            result = Judged();
            result.Write(unfinished);
        }

        result ??= Judged();
        result.Write(PathOf(entry.Id));
        File.Delete(unfinished);
        return result;

        ReproductionResult Judged()
        {
            SeedValues[] inOrder = [.. seeds.SelectMany(seed => done.Where(of => of.Seed == seed))];
            return Result(entry, reproduction, inOrder, context.Given) with { Seconds = seconds };
        }
    }

    /// <summary>Refuses a system that needs a model from elsewhere when none is given.</summary>
    /// <param name="entry">The system.</param>
    /// <param name="given">The model, or null.</param>
    /// <exception cref="InputException">It needs one.</exception>
    public static void RequireModel(ReproductionEntry entry, GivenModel? given)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (given is null && entry.Create().ModelNeeded is { } needed)
            throw new InputException(
                $"'{entry.Id}' is measured on a model from elsewhere, too; --model names {needed}."
            );
    }

    private static ReproductionResult? Read(string path, ReproductionEntry entry, GivenModel? given) =>
        File.Exists(path)
        && ReproductionResult.Read(path) is var result
        && result.Id == entry.Id
        && entry.Create() is var reproduction
        && result.Version == reproduction.Version
        && (given is null || reproduction.ModelNeeded is null || result.Environment[ModelKey] == given.Record)
            ? result
            : null;

    private ReproductionResult Result(
        ReproductionEntry entry,
        IReproduction reproduction,
        IReadOnlyList<SeedValues> seeds,
        GivenModel? given
    )
    {
        var environment = new Dictionary<string, string>(RunEnvironment.Describe())
        {
            ["threads"] = FormattableString.Invariant($"{get_num_threads()}"),
        };
        if (reproduction.ModelNeeded is not null)
            environment[ModelKey] = given!.Record;
        CriterionResult[] criteria = [.. reproduction.Criteria.Select(criterion => criterion.Judge(seeds))];
        return new()
        {
            Id = entry.Id,
            Title = entry.System.Title,
            ArXiv = entry.System.ArXiv,
            Group = entry.Group,
            Version = reproduction.Version,
            Claim = reproduction.Claim,
            Baseline = reproduction.Baseline,
            Setting = reproduction.Setting,
            Outcome = ReproductionResult.Of(criteria),
            Criteria = criteria,
            Seeds = seeds,
            Environment = environment,
            Seconds = 0,
            Finished = clock.GetUtcNow(),
        };
    }
}
