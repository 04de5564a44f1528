using System.Globalization;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>The demo's models, one after another: what each answers, and its audit.</summary>
internal sealed class DemoStory : IDisposable
{
    private static readonly (string Id, double LearningRate, int Epochs)[] Methods =
    [
        ("ga", 3e-4, 6),
        ("npo", 2.5e-4, 8),
        ("npo-rt", 2e-4, 10),
    ];

    private readonly Session _session;
    private readonly RunFolder _run;
    private readonly WorldLab _lab;
    private readonly WorldScenario _scenario;
    private readonly Auditor _auditor;
    private readonly Fact[] _questions;
    private readonly Table _shown = new Table().Border(TableBorder.Simple).AddColumn("Asked");

    private DemoStory(Session session, RunFolder run, WorldLab lab, string person)
    {
        (_session, _run, _lab) = (session, run, lab);
        (_scenario, _auditor) = (new(lab), new(session.Clock));
        _questions = [.. lab.World.Facts.Where(fact => fact.Subject == person).Take(3)];
        foreach (var fact in _questions)
            _shown.AddColumn(Markup.Escape(fact.Question));
    }

    /// <summary>Makes the world and its models, or takes them from the cache.</summary>
    /// <param name="session">Where to print.</param>
    /// <param name="run">Where results are kept.</param>
    /// <param name="seed">Seed of world, models and methods.</param>
    /// <param name="cache">Where trained models are kept; null for the user's cache folder.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public static async Task<DemoStory> OpenAsync(
        Session session,
        RunFolder run,
        ulong seed,
        string? cache,
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
        var lab = await session
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
        return new(session, run, lab, person.Name);
    }

    /// <summary>Forgets by every method and audits what is left.</summary>
    public async Task<IReadOnlyList<AuditReport>> TellAsync(ulong seed, CancellationToken cancellationToken)
    {
        await AddAsync("before", _lab.Original, cancellationToken).ConfigureAwait(false);
        var reports = new List<AuditReport>();
        foreach (var (id, rate, epochs) in Methods)
        {
            var settings = new TrainOptions
            {
                Epochs = epochs,
                Optimizer = new() { LearningRate = rate },
                Seed = seed,
            };
            var folder = await ForgetAsync(id, settings, cancellationToken).ConfigureAwait(false);
            using var candidate = (LanguageModel)
                _lab.Original.WithDecoder(ModelFolder.Load(folder, cancellationToken: cancellationToken), id);
            await AddAsync(id, candidate, cancellationToken).ConfigureAwait(false);
            var request = _scenario.Audit(
                id,
                Described(settings),
                candidate,
                ContentHash.Of(folder),
                _run.Stages.Within(id)
            );
            var report = await _session
                .WithProgressAsync(
                    $"Auditing {id}",
                    progress => _auditor.RunAsync(request, progress, cancellationToken)
                )
                .ConfigureAwait(false);
            AuditFiles.Write(report, _run.File(id));
            reports.Add(report);
        }

        await AddAsync("never saw them", _lab.Retrained, cancellationToken).ConfigureAwait(false);
        _session.Console.WriteTable(_shown);
        return reports;
    }

    /// <inheritdoc/>
    public void Dispose() => _lab.Dispose();

    private async Task<string> ForgetAsync(string id, TrainOptions settings, CancellationToken cancellationToken)
    {
        var folder = _run.File(id, "model");
        if (Directory.Exists(folder))
            return folder;
        var method = Unlearning.Catalog.Find(id).CreateDefault();
        var result = await _session
            .WithProgressAsync(
                $"Forgetting by {id}",
                progress => method.RunAsync(_lab.Job(settings), new StepProgress(progress, "steps"), cancellationToken)
            )
            .ConfigureAwait(false);
        using var changed = (LanguageModel)_lab.Original.WithDecoder(result.Model, id);
        changed.Save(folder);
        return folder;
    }

    private async Task AddAsync(string name, LanguageModel model, CancellationToken cancellationToken)
    {
        // Asked and judged as the audit does it, so that colours, table and report say the same.
        SleekProbe[] seeds = [.. OfflineProbes.Generate(_questions, WorldScenario.Asking).Where(probe => probe.IsSeed)];
        var replies = await new Sleek(WorldScenario.Asking)
            .AskAsync(model, seeds, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        _shown.AddRow([
            name,
            .. replies.Select(reply =>
                reply.Verdict == Verdict.Stated
                    ? $"[red]{Markup.Escape(reply.Text.Trim())}[/]"
                    : Markup.Escape(reply.Text.Trim())
            ),
        ]);
    }

    private static Dictionary<string, string> Described(TrainOptions settings) =>
        new()
        {
            ["learning rate"] = settings.Optimizer.LearningRate.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = settings.Epochs.ToString(CultureInfo.InvariantCulture),
            ["seed"] = settings.Seed.ToString(CultureInfo.InvariantCulture),
        };
}
