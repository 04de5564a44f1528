using System.Globalization;

namespace Palimpsest.Worlds;

/// <summary>Models that saw a world's facts and models that never did, each treated in every way of
/// <see cref="Treatment"/> and audited: what a verdict is judged by.</summary>
/// <remarks>The original and the retrained model of a world are the audit's references. Those that saw the facts are
/// copies of the original; those that did not are copies of a second retrained model, so that no candidate is measured
/// against itself.</remarks>
/// <param name="workbench">Trains and keeps the models.</param>
/// <param name="options">How many worlds, and what they are like.</param>
/// <param name="treatments">How models are treated, each with a name of its own; null for all.</param>
public sealed class VerdictBench(
    Workbench workbench,
    VerdictBenchOptions options,
    IReadOnlyList<Treatment>? treatments = null
)
{
    private readonly IReadOnlyList<Treatment> _treatments = treatments ?? Treatment.All;
    private static readonly int[] Widths = [128, 96, 160];
    private static readonly int[] LongAnswers = [4];

    /// <summary>Reads every model; what is finished is taken from the stages.</summary>
    /// <param name="stages">Where finished readings are kept.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops between steps and batches.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public async Task<VerdictValidation> RunAsync(
        StageFolder stages,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(stages);
        var models = new List<ValidatedModel>();
        var retrained = new Dictionary<string, ValidatedModel>();
        var parts = new ProgressParts(progress, [.. Enumerable.Repeat(1.0, options.Worlds)]);
        for (var i = 0; i < options.Worlds; i++)
        {
            var name = (options.Seed + (ulong)i).ToString(CultureInfo.InvariantCulture);
            var stagesOf = 4 + 4 * _treatments.Count;
            var part = parts.Part(i, $"World {name}", stagesOf);
            models.AddRange(
                await ReadWorldAsync(i, name, (stages, retrained), part, cancellationToken).ConfigureAwait(false)
            );
            parts.End(i, $"World {name}");
        }

        return VerdictValidation.Judge(models, retrained);
    }

    private async Task<IReadOnlyList<ValidatedModel>> ReadWorldAsync(
        int number,
        string name,
        (StageFolder Stages, Dictionary<string, ValidatedModel> Retrained) kept,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var world = WorldOf(number);
        using var lab = await OpenAsync(world, number, ModelRole.Original, progress, cancellationToken)
            .ConfigureAwait(false);
        using var never = await OpenAsync(world, number, ModelRole.NoiseFloor, progress, cancellationToken)
            .ConfigureAwait(false);
        var audits = new VerdictAudits(lab);
        kept.Retrained[name] = await kept
            .Stages.GetAsync(
                $"{name}-retrained",
                () => audits.ReadAsync((name, "reference", false), lab.Retrained, progress, cancellationToken)
            )
            .ConfigureAwait(false);
        var read = new List<ValidatedModel>();
        foreach (var of in new[] { lab, never })
        {
            foreach (var (at, treatment) in _treatments.Index())
            {
                var stage = $"{name}-{(of == lab ? "saw" : "never")}-{at}";
                async Task<ValidatedModel> ReadAsync()
                {
                    using var candidate = await treatment
                        .ApplyAsync(of, world.Options.Seed, progress, cancellationToken)
                        .ConfigureAwait(false);
                    return await audits
                        .ReadAsync((name, treatment.Name, of == lab), candidate, progress, cancellationToken)
                        .ConfigureAwait(false);
                }

                read.Add(await kept.Stages.GetAsync(stage, ReadAsync).ConfigureAwait(false));
            }
        }

        return read;
    }

    /// <summary>Worlds differ in their seed, every other one in the length of its answers.</summary>
    private World WorldOf(int number) =>
        World.Generate(
            new()
            {
                People = options.People,
                Seed = options.Seed + (ulong)number,
                AnswerDetails = number % 2 == 0 ? null : LongAnswers,
            }
        );

    /// <summary>A world's lab, whose original may be another model of the world.</summary>
    private Task<WorldLab> OpenAsync(
        World world,
        int number,
        ModelRole asOriginal,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var model = new WorkbenchOptions { HiddenSize = Widths[number % Widths.Length], Epochs = options.Epochs };
        return WorldLab.OpenAsync(
            world,
            (of, role, cancel) =>
                workbench.LoadAsync(of, role == ModelRole.Original ? asOriginal : role, model, progress, cancel),
            cancellationToken
        );
    }
}
