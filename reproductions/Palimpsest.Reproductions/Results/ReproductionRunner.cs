using System.Diagnostics;

namespace Palimpsest.Reproductions;

/// <summary>Runs reproductions and keeps their results in a folder: finished ones are reused, begun ones go on at the
/// next seed.</summary>
/// <param name="folder">Gets one JSON file per system.</param>
/// <param name="clock">Gives the time in the results.</param>
public sealed class ReproductionRunner(string folder, TimeProvider clock)
{
    /// <summary>The result file of a system.</summary>
    public string PathOf(string id) => Path.Combine(folder, $"{id}.json");

    /// <summary>The result of a system that is finished at this version with these seeds, or null.</summary>
    /// <exception cref="InputException">Its file is no result.</exception>
    public ReproductionResult? Finished(ReproductionEntry entry, IReadOnlyList<ulong> seeds)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return
            Read(PathOf(entry.Id), entry) is { } result && result.Seeds.Select(seed => seed.Seed).SequenceEqual(seeds)
            ? result
            : null;
    }

    /// <summary>Runs a system's claim, or gives its finished result.</summary>
    /// <param name="entry">The system.</param>
    /// <param name="seeds">At least one, each once.</param>
    /// <param name="context">Models, processes, progress.</param>
    /// <param name="fresh">Measures anew whatever is there.</param>
    /// <param name="cancellationToken">Stops; seeds that were finished are kept.</param>
    /// <exception cref="InputException">A seed stands twice, or a file cannot be read or written.</exception>
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
        if (!fresh && Finished(entry, seeds) is { } finished)
            return finished;
        var unfinished = PathOf(entry.Id) + ".unfinished";
        var begun = fresh ? null : Read(unfinished, entry);
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
            result = Result(entry, reproduction, [.. seeds.SelectMany(s => done.Where(of => of.Seed == s))], seconds);
            result.Write(unfinished);
        }

        result ??= Result(entry, reproduction, [.. seeds.SelectMany(s => done.Where(of => of.Seed == s))], seconds);
        result.Write(PathOf(entry.Id));
        File.Delete(unfinished);
        return result;
    }

    private static ReproductionResult? Read(string path, ReproductionEntry entry) =>
        File.Exists(path)
        && ReproductionResult.Read(path) is var result
        && result.Id == entry.Id
        && result.Version == entry.Create().Version
            ? result
            : null;

    private ReproductionResult Result(
        ReproductionEntry entry,
        IReproduction reproduction,
        IReadOnlyList<SeedValues> seeds,
        double seconds
    )
    {
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
            Environment = new Dictionary<string, string>(RunEnvironment.Describe())
            {
                ["threads"] = FormattableString.Invariant($"{get_num_threads()}"),
            },
            Seconds = seconds,
            Finished = clock.GetUtcNow(),
        };
    }
}
