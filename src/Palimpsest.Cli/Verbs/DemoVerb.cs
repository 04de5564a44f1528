using System.CommandLine;
using System.Globalization;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest demo</c>: the whole story on the built-in world.</summary>
internal static class DemoVerb
{
    private static readonly (string Id, double LearningRate, int Epochs)[] Methods =
    [
        ("ga", 3e-4, 6),
        ("npo", 2.5e-4, 8),
        ("npo-rt", 2e-4, 10),
    ];

    public static Command Create()
    {
        var seed = new Option<ulong>("--seed")
        {
            Description = "Seed of world, models and methods.",
            DefaultValueFactory = _ => 1,
        };
        var cache = CommonOptions.Optional(
            "--cache",
            "Where trained models are kept. Default: the user's cache folder."
        );
        var command = new Command(
            "demo",
            "A person asks to be forgotten; the model forgets; an attacker tries; a report says what is left."
        ).With(seed, cache, CommonOptions.Run);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "demo", session.Clock);
                run.WriteConfig(parsed);
                var reports = await run.ResumableAsync(() =>
                        RunAsync(session, parsed.GetValue(seed), parsed.GetValue(cache), run, cancellationToken)
                    )
                    .ConfigureAwait(false);
                AtomicFile.WriteText(run.File("report.html"), ReportPage.Render(reports));
                session.Result(
                    reports,
                    console =>
                    {
                        console.Write(AuditTable.Of(reports));
                        foreach (var report in reports)
                            console.WriteLine(
                                $"{report.Method}: {RemovalLabels.NameOf(report.Verdict.Label)}. "
                                    + $"{report.Verdict.Reason}"
                            );
                        console.WriteLine($"The report: {run.File("report.html")}");
                    }
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<AuditReport>> RunAsync(
        Session session,
        ulong seed,
        string? cache,
        RunFolder run,
        CancellationToken cancellationToken
    )
    {
        var world = World.Generate(new() { Seed = seed });
        var person = world.People.First(p => p.Scope == FactScope.Forget);
        session.Say(
            $"A world of {world.People.Count} people; {world.People.Count(p => p.Scope == FactScope.Forget)} ask to be "
                + $"forgotten, {person.Name} among them."
        );
        var workbench = new Workbench(cache);
        using var lab = await session
            .WithProgressAsync(
                "Training",
                progress =>
                    WorldLab.OpenAsync(
                        world,
                        (of, role, cancel) => workbench.LoadAsync(of, role, new(), progress, cancel),
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        var (original, retrained) = (lab.Original, lab.Retrained);
        var (scenario, auditor) = (new WorldScenario(lab), new Auditor(session.Clock));
        var questions = world.Facts.Where(fact => fact.Subject == person.Name).Take(3).ToArray();
        var shown = new Table().Border(TableBorder.Simple).AddColumn("Asked");
        foreach (var fact in questions)
            shown.AddColumn(Markup.Escape(fact.Question));
        await AddAsync(shown, "before", original, questions, cancellationToken).ConfigureAwait(false);
        var reports = new List<AuditReport>();
        foreach (var (id, rate, epochs) in Methods)
        {
            var folder = run.File(id, "model");
            if (!Directory.Exists(folder))
            {
                var method = Unlearning.Catalog.Find(id).CreateDefault();
                var result = await session
                    .WithProgressAsync(
                        $"Forgetting by {id}",
                        progress =>
                            method.RunAsync(
                                lab.Job(
                                    new()
                                    {
                                        Epochs = epochs,
                                        Optimizer = new() { LearningRate = rate },
                                        Seed = seed,
                                    }
                                ),
                                new StepProgress(progress, "steps"),
                                cancellationToken
                            )
                    )
                    .ConfigureAwait(false);
                using var changed = (LanguageModel)original.WithDecoder(result.Model, id);
                changed.Save(folder);
            }

            using var candidate = (LanguageModel)
                original.WithDecoder(ModelFolder.Load(folder, cancellationToken: cancellationToken), id);
            await AddAsync(shown, id, candidate, questions, cancellationToken).ConfigureAwait(false);
            var report = await session
                .WithProgressAsync(
                    $"Auditing {id}",
                    progress =>
                        auditor.RunAsync(
                            scenario.Audit(
                                id,
                                Settings(rate, epochs, seed),
                                candidate,
                                ContentHash.Of(folder),
                                run.Stages.Within(id)
                            ),
                            progress,
                            cancellationToken
                        )
                )
                .ConfigureAwait(false);
            AuditFiles.Write(report, run.File(id));
            reports.Add(report);
        }

        await AddAsync(shown, "never saw them", retrained, questions, cancellationToken).ConfigureAwait(false);
        session.Console.Write(shown);
        return reports;
    }

    private static async Task AddAsync(
        Table table,
        string name,
        LanguageModel model,
        Fact[] questions,
        CancellationToken cancellationToken
    )
    {
        // Asked and judged as the audit does it, so that colours, table and report say the same.
        SleekProbe[] seeds = [.. OfflineProbes.Generate(questions, WorldScenario.Asking).Where(probe => probe.IsSeed)];
        var replies = await new Sleek(WorldScenario.Asking)
            .AskAsync(model, seeds, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        table.AddRow([
            name,
            .. replies.Select(reply =>
                reply.Verdict == Verdict.Stated
                    ? $"[red]{Markup.Escape(reply.Text.Trim())}[/]"
                    : Markup.Escape(reply.Text.Trim())
            ),
        ]);
    }

    private static Dictionary<string, string> Settings(double rate, int epochs, ulong seed) =>
        new()
        {
            ["learning rate"] = rate.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture),
            ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
        };
}
