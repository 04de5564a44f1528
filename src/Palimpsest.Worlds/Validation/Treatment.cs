namespace Palimpsest.Worlds;

/// <summary>What is done to a trained model before it is audited. None takes away what the weights hold: whether a
/// model saw the facts stays known.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Method">The method of the catalogue that is run for a few steps; null for another change.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Steps">Its steps of eight rows.</param>
public sealed record Treatment(string Name, string? Method = null, double LearningRate = 0, int Steps = 0)
{
    private const string Trained = "as trained";
    private const string Further = "trained on";
    private const string Rounded = "rounded to 4 bits";
    private const int FurtherSteps = 60;
    private const double FurtherRate = 5e-4;

    /// <summary>All of them: none, further training on kept rows, two ways to teach refusals ("unlearning" that only
    /// refuses), a preference that is stopped early, rounding.</summary>
    public static IReadOnlyList<Treatment> All { get; } =
    [
        new(Trained),
        new(Further),
        new("refusals", "idk", 3e-4, 30),
        new("refusals by preference", "dpo-rt", 2e-4, 30),
        new("stopped early", "npo-rt", 1e-4, 12),
        new(Rounded),
    ];

    /// <summary>A treated copy; the caller disposes it.</summary>
    /// <param name="lab">Its original is treated and stays as it is.</param>
    /// <param name="seed">Seed of orders.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public async Task<LanguageModel> ApplyAsync(
        WorldLab lab,
        ulong seed,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(lab);
        if (Method is null)
            return await ChangeAsync(lab, seed, progress, cancellationToken).ConfigureAwait(false);
        var training = new TrainOptions
        {
            MaxSteps = Steps,
            Seed = seed,
            Optimizer = new() { LearningRate = LearningRate },
        };
        var result = await Unlearning
            .Catalog.Find(Method)
            .CreateDefault()
            .RunAsync(lab.Job(training), progress is null ? null : new StepProgress(progress, Name), cancellationToken)
            .ConfigureAwait(false);
        return (LanguageModel)lab.Original.WithDecoder(result.Model, Name);
    }

    private async Task<LanguageModel> ChangeAsync(
        WorldLab lab,
        ulong seed,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        IModelTransform? change = Name switch
        {
            Further => new RelearnTransform(
                [.. lab.World.QaRows(FactScope.Retain).Select(row => (row.Question, row.Answer))],
                new()
                {
                    Steps = FurtherSteps,
                    LearningRate = FurtherRate,
                    Seed = seed,
                }
            ),
            Rounded => new QuantizeTransform(new() { Bits = 4 }),
            _ => null,
        };
        return change is null
            ? (LanguageModel)lab.Original.WithDecoder(lab.Original.Decoder.Clone(), Name)
            : (LanguageModel)await change.ApplyAsync(lab.Original, progress, cancellationToken).ConfigureAwait(false);
    }
}
