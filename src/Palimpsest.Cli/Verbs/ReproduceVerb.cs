using System.CommandLine;
using System.Globalization;
using Palimpsest.Reproductions;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest reproduce ID</c>: the runnable claim of a published system.</summary>
internal static class ReproduceVerb
{
    private static readonly Argument<string?> Id = new("id")
    {
        Description = "The system; see 'palimpsest systems'.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<bool> All = new("--all") { Description = "Every system that has a claim." };
    private static readonly Option<string?> Group = CommonOptions.Optional(
        "--group",
        "Only systems of this group.",
        "name"
    );
    private static readonly WholeOption<int> Jobs = new(
        "--jobs",
        "Systems at a time, each in a process of its own; the processors are divided.",
        absent: 1,
        least: 1
    );

    private static readonly WholeOption<int> Threads = new(
        "--threads",
        "Threads of the computation; 0 takes all processors, divided by --jobs.",
        absent: 0,
        least: 0
    );
    private static readonly OutputOption Out = new(
        "--out",
        "Where results are kept; finished ones are reused.",
        OutputKind.KeptFolder
    )
    {
        DefaultValueFactory = _ => Path.Combine("runs", "reproductions"),
    };

    private static readonly OutputOption Docs = CommonOptions.Docs(
        "Writes all results of the folder as a Markdown page too."
    );
    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Measures anew what is finished." };
    private static readonly Option<string?> Seeds = new("--seeds")
    {
        Description = "Seeds, with commas between; without it, those of the claim, at least three.",
    };
    private static readonly OutputOption Cache = CommonOptions.Cache();
    private static readonly Option<string?> ChildArm = new("--child-arm")
    {
        Description = "Measures one arm in this process.",
        Hidden = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "reproduce",
            "Run a published system's claim against its baseline on small models. Exit code 1 when it is not shown."
        ).With(All, Group, Jobs, Threads, Out, Docs, Fresh, Seeds, Cache, ChildArm);
        command.Add(Id);
        var model = ModelBinder.AddTo(
            command,
            "A trained model, for systems whose effect small models do not have.",
            required: false
        );
        command.SetAction((parsed, cancellationToken) => RunAsync(model, parsed, cancellationToken));
        return command.WithExample("reproduce npo --seeds 1,2,3");
    }

    private static async Task<int> RunAsync(ModelBinder binder, ParseResult parsed, CancellationToken cancellationToken)
    {
        var session = new Session(parsed);
        var entries = Chosen(parsed);
        var given = parsed.GetValue(Seeds) is { } text ? ReadSeeds(text) : null;
        IReadOnlyList<ulong> SeedsOf(ReproductionEntry entry) => given ?? entry.Create().Seeds;
        var jobs = Jobs.Of(parsed);
        var threads = Threads.Of(parsed) is > 0 and var asked ? asked : Math.Max(1, Environment.ProcessorCount / jobs);
        TorchSharp.torch.set_num_threads(threads);
        if (parsed.GetValue(ChildArm) is { } arm)
            return MeasureArm(session, entries[0], arm, SeedsOf(entries[0])[0]);
        var runner = new ReproductionRunner(parsed.GetValue(Out)!, session.Clock);
        var model = GivenModelOf(binder.BindOptional(parsed), entries);
        var open = entries.Where(e => parsed.GetValue(Fresh) || runner.Finished(e, SeedsOf(e), model) is null);
        foreach (var entry in open)
            ReproductionRunner.RequireModel(entry, model);

        if (jobs > 1 && entries.Count > 1)
        {
            await session
                .WithProgressAsync(
                    "Reproducing",
                    progress =>
                        InChildrenAsync(
                            parsed,
                            binder.Arguments(parsed),
                            entries,
                            (jobs, threads),
                            progress,
                            cancellationToken
                        )
                )
                .ConfigureAwait(false);
        }
        else
        {
            foreach (var entry in entries)
            {
                await session
                    .WithProgressAsync(
                        $"Reproducing {entry.Id}",
                        progress =>
                            runner.RunAsync(
                                entry,
                                SeedsOf(entry),
                                Context(parsed, model, progress),
                                parsed.GetValue(Fresh),
                                cancellationToken
                            )
                    )
                    .ConfigureAwait(false);
            }
        }

        ReproductionResult[] results = [.. entries.Select(entry => runner.Finished(entry, SeedsOf(entry), model)!)];
        if (parsed.GetValue(Docs) is { } page)
            AtomicFile.WriteText(page, PageOf(runner));
        session.Result(results, console => Draw(console, results, runner));
        return results.All(result => result.Outcome == Outcome.Shown) ? ExitCode.Done : ExitCode.Failed;
    }

    private static IReadOnlyList<ReproductionEntry> Chosen(ParseResult parsed)
    {
        var (id, group) = (parsed.GetValue(Id), parsed.GetValue(Group));
        if (id is not null)
        {
            return parsed.GetValue(All) || group is not null
                ? throw new InputException($"'{id}' is named and --all or --group is given; allowed is one of them.")
                : [Reproductions.Catalog.Find(id)];
        }

        if (group is not null)
            return Reproductions.Catalog.InGroup(group);
        return parsed.GetValue(All)
            ? Reproductions.Catalog.All
            : throw new InputException(
                $"Name a system, or give --all or --group; there are: "
                    + $"{string.Join(", ", Reproductions.Catalog.All.Select(entry => entry.Id))}."
            );
    }

    private static ReproductionContext Context(
        ParseResult parsed,
        GivenModel? model,
        IProgress<TaskProgress>? progress
    ) => new(new Workbench(parsed.GetValue(Cache)), ChildProgram.Self(), progress) { Given = model };

    private static string PageOf(ReproductionRunner runner) =>
        ReproductionPage.Render([
            .. Reproductions
                .Catalog.All.Select(entry => runner.PathOf(entry.Id))
                .Where(File.Exists)
                .Select(ReproductionResult.Read),
        ]);

    private static GivenModel? GivenModelOf(ModelOptions? model, IReadOnlyList<ReproductionEntry> entries)
    {
        if (model is null)
            return null;
        if (entries.All(entry => entry.Create().ModelNeeded is null))
            throw new InputException(
                $"--model has no effect on {string.Join(", ", entries.Select(entry => entry.Id))}: what is measured is "
                    + "trained by the workbench."
            );
        var (name, hash) = (NameOf(model.Path), ContentHash.Of(model.Path));
        if (model.Adapter is { } adapter)
        {
            name += $" with {NameOf(adapter)}";
            hash = ContentHash.OfText($"{hash}\n{ContentHash.Of(adapter)}");
        }

        if (model.Weights is { } weights)
            name += $" held as {weights.Name}";
        return new(name, hash, token => model.LoadOne("a claim is about the weights of one", token));

        static string NameOf(string path) =>
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
    }

    private static ulong[] ReadSeeds(string text) =>
        [
            .. text.Split(',')
                .Select(part =>
                    ulong.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                        ? seed
                        : throw new InputException(
                            $"--seeds: '{part}' is not a whole number of at least 0; allowed are such numbers with "
                                + $"commas between."
                        )
                ),
        ];

    private static int MeasureArm(Session session, ReproductionEntry entry, string arm, ulong seed)
    {
        if (entry.Create() is not IChildMeasurement child || !child.ChildArms.Contains(arm))
            throw new InputException(
                $"--child-arm: '{entry.Id}' has no arm '{arm}' that is measured in a process of its own."
            );
        var values = child.MeasureInChild(arm, seed);
        session.Result(
            values,
            console =>
            {
                foreach (var value in values)
                    console.WriteLine(FormattableString.Invariant($"{value.Arm}: {value.Quantity} {value.Value:g4}"));
            }
        );
        return ExitCode.Done;
    }

    private static async Task<int> InChildrenAsync(
        ParseResult parsed,
        IEnumerable<string> model,
        IReadOnlyList<ReproductionEntry> entries,
        (int Jobs, int Threads) share,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        string[] same =
        [
            .. parsed.GetValue(Seeds) is { } seeds ? ["--seeds", seeds] : Array.Empty<string>(),
            "--out",
            parsed.GetValue(Out)!,
            "--threads",
            share.Threads.ToString(CultureInfo.InvariantCulture),
            "--json",
            .. parsed.GetValue(Cache) is { } cache ? ["--cache", cache] : Array.Empty<string>(),
            .. model,
            .. parsed.GetValue(Fresh) ? ["--fresh"] : Array.Empty<string>(),
        ];
        var done = 0;
        progress.Report(new("systems", 0, entries.Count));
        await Parallel
            .ForEachAsync(
                entries,
                new ParallelOptions { MaxDegreeOfParallelism = share.Jobs, CancellationToken = cancellationToken },
                async (entry, cancel) =>
                {
                    await ChildProgram
                        .Self()
                        .RunAsync(["reproduce", entry.Id, .. same], cancel, ExitCode.Failed)
                        .ConfigureAwait(false);
                    progress.Report(new("systems", Interlocked.Increment(ref done), entries.Count, entry.Id));
                }
            )
            .ConfigureAwait(false);
        return done;
    }

    private static void Draw(IAnsiConsole console, IReadOnlyList<ReproductionResult> results, ReproductionRunner runner)
    {
        foreach (var result in results)
        {
            console.WriteLine($"{result.Id}: {result.Claim}");
            console.WriteLine($"Baseline: {result.Baseline}");
            console.WriteTable(TableOf(result));
            foreach (var criterion in result.Criteria)
                console.WriteLine(
                    $"{ReproductionPage.Words(criterion.Outcome)}: {criterion.Name} ({criterion.Reason})"
                );
            console.WriteLine(
                $"{result.Id} is {ReproductionPage.Words(result.Outcome)} here. Every value: {runner.PathOf(result.Id)}"
            );
        }
    }

    internal static Table TableOf(ReproductionResult result)
    {
        var values = new Table().Border(TableBorder.Simple).AddColumns("Arm", "Quantity");
        foreach (var seed in result.Seeds)
            values.AddColumn(new TableColumn(FormattableString.Invariant($"Seed {seed.Seed}")).RightAligned());
        foreach (var (arm, quantity) in result.Seeds[0].Values.Select(value => (value.Arm, value.Quantity)))
            values.AddRow([
                Markup.Escape(arm),
                Markup.Escape(quantity),
                .. result.Seeds.Select(seed => seed[arm, quantity].ToString("g4", CultureInfo.InvariantCulture)),
            ]);
        return values;
    }
}
