namespace Palimpsest.Worlds;

/// <summary>Trains small models once and keeps them, by a hash of everything that they depend on.</summary>
/// <remarks>Safe when several processes ask at once: one trains, the others wait for its result.</remarks>
/// <param name="cache">The cache folder; null takes PALIMPSEST_CACHE, else the user's own cache folder.</param>
public sealed class Workbench(string? cache = null)
{
    /// <summary>Where the models are kept.</summary>
    public string CacheFolder { get; } =
        Path.GetFullPath(
            cache
                ?? Environment.GetEnvironmentVariable("PALIMPSEST_CACHE")
                ?? Path.Combine(
                    Environment.GetFolderPath(
                        Environment.SpecialFolder.LocalApplicationData,
                        Environment.SpecialFolderOption.Create
                    ),
                    "palimpsest",
                    "worlds"
                )
        );

    /// <summary>The Hugging Face folder of a model, which is trained first where the cache does not have it.</summary>
    /// <param name="recipe">What it reads, its shape, its training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public async Task<string> GetAsync(
        ModelRecipe recipe,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var folder = Path.Combine(CacheFolder, recipe.Folder);
        var model = Path.Combine(folder, "model");
        if (File.Exists(Path.Combine(model, "config.json")))
            return model;
        using var only = await LockFile.WaitAsync(folder, cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(model, "config.json")))
            return model;
        await TrainAsync(recipe, folder, model, progress, cancellationToken).ConfigureAwait(false);
        return model;
    }

    /// <summary>The model itself, trained first where the cache does not have it; the caller disposes it.</summary>
    /// <param name="recipe">What it reads, its shape, its training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public async Task<LanguageModel> LoadAsync(
        ModelRecipe recipe,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var folder = await GetAsync(recipe, progress, cancellationToken).ConfigureAwait(false);
        return LanguageModel.Load(folder, cancellationToken: cancellationToken);
    }

    /// <summary>One of a world's models, its options' seed that of the world; the caller disposes it.</summary>
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public Task<LanguageModel> LoadAsync(
        World world,
        ModelRole role,
        WorkbenchOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        var seeded = options with { Seed = world.Options.Seed };
        return LoadAsync(PeopleRecipe.Create(world, role, seeded), progress, cancellationToken);
    }

    /// <summary>The folder of one of a world's models.</summary>
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public Task<string> GetAsync(
        World world,
        ModelRole role,
        WorkbenchOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => GetAsync(PeopleRecipe.Create(world, role, options), progress, cancellationToken);

    private static async Task TrainAsync(
        ModelRecipe recipe,
        string folder,
        string target,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var tokenizer = recipe.Tokenizer(cancellationToken);
        var seed = recipe.Training.Seed;
        using var model = new CausalLM(recipe.Decoder(tokenizer.VocabularySize), seed);
        var (rows, pad) = (recipe.Sequences(tokenizer), tokenizer.PadId!.Value);
        IBatchSource source = recipe.KeepsOrder
            ? new OrderedBatchSource(rows, recipe.BatchSize, pad)
            : new SequenceBatchSource(rows, recipe.BatchSize, pad, seed, bucketed: true);
        var training = recipe.Training with
        {
            RunFolder = Path.Combine(folder, "training"),
            CheckpointEvery = source.BatchesPerEpoch,
        };
        var steps = progress is null ? null : new StepProgress(progress, $"Training the {recipe.Name} model");
        await new Trainer(training)
            .RunAsync(
                model,
                source,
                new NextTokenLoss(new() { ExpertBalance = recipe.ExpertBalance }),
                steps,
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var unfinished in Directory.GetDirectories(folder, "*.tmp"))
            Directory.Delete(unfinished, recursive: true);
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        tokenizer.Save(temporary);
        ModelFolder.Save(model, temporary);
        Directory.Move(temporary, target);
        Directory.Delete(training.RunFolder, recursive: true);
    }
}
