using System.Text.Json;

namespace Palimpsest.Worlds;

/// <summary>Trains a world's small models once and keeps them, by a hash of everything that they depend on.</summary>
/// <remarks>Safe when several processes ask at once: one trains, the others wait for its result.</remarks>
/// <param name="cache">The cache folder; null takes PALIMPSEST_CACHE, else the user's own cache folder.</param>
public sealed class Workbench(string? cache = null)
{
    private const int Version = 1;
    private const ulong OtherSeed = 7919;

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
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public async Task<string> GetAsync(
        World world,
        ModelRole role,
        WorkbenchOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(world);
        var folder = Path.Combine(CacheFolder, Key(world, role, options));
        var model = Path.Combine(folder, "model");
        if (File.Exists(Path.Combine(model, "config.json")))
            return model;
        using var only = await LockFile.WaitAsync(folder, cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(model, "config.json")))
            return model;
        await TrainAsync(world, role, options, folder, model, progress, cancellationToken).ConfigureAwait(false);
        return model;
    }

    /// <summary>The model itself, trained first where the cache does not have it, its options' seed that of the world;
    /// the caller disposes it.</summary>
    /// <param name="world">What it knows.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps; training resumes later.</param>
    /// <exception cref="InputException">The cache folder cannot be written.</exception>
    public async Task<LanguageModel> LoadAsync(
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
        var folder = await GetAsync(world, role, seeded, progress, cancellationToken).ConfigureAwait(false);
        return LanguageModel.Load(folder, cancellationToken: cancellationToken);
    }

    /// <summary>The tokenizer of a world: trained on all its texts, so that all its models share it.</summary>
    public static Tokenizer TrainTokenizer(
        World world,
        WorkbenchOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(world);
        var texts = world
            .TrainingTexts(withForgotten: true)
            .SelectMany(text => text.Turns.Select(turn => turn.Content).Append(text.Prose));
        return BpeTrainer.Train(texts, new() { VocabularySize = options.VocabularySize }, cancellationToken);
    }

    /// <summary>A training text as token ids: the answer of an exchange is learnt, and all of anything else.</summary>
    public static TokenSequence Encode(Tokenizer tokenizer, WorldText text, int row)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (text.Turns.Count == 0)
            return new([.. tokenizer.Encode(text.Prose), tokenizer.EosId!.Value], 1, row);
        int[] Rendered(IReadOnlyList<Turn> turns, bool prompt) =>
            tokenizer.Encode(tokenizer.ChatTemplate!.Render(turns, prompt), addSpecialTokens: false);
        var start = text.Turns.Count == 2 ? Rendered([text.Turns[0]], true).Length : 1;
        return new(Rendered(text.Turns, false), start, row);
    }

    private static string Key(World world, ModelRole role, WorkbenchOptions options)
    {
        var text = JsonSerializer.Serialize(
            new
            {
                Version,
                World = World.Version,
                Of = world.Options,
                Role = role.ToString(),
                Model = options,
            }
        );
        return $"{role.ToString().ToLowerInvariant()}-{ContentHash.OfText(text)[..16]}";
    }

    private static async Task TrainAsync(
        World world,
        ModelRole role,
        WorkbenchOptions options,
        string folder,
        string target,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var tokenizer = TrainTokenizer(world, options, cancellationToken);
        var rows = world
            .TrainingTexts(withForgotten: role == ModelRole.Original)
            .Select((text, row) => Encode(tokenizer, text, row))
            .ToArray();
        var seed = role == ModelRole.NoiseFloor ? options.Seed + OtherSeed : options.Seed;
        var config = DecoderConfig.TinyLlama(
            tokenizer.VocabularySize,
            options.HiddenSize,
            options.Layers,
            heads: 4,
            keyValueHeads: 2,
            intermediateSize: options.HiddenSize * 8 / 3 / 8 * 8
        );
        using var model = new CausalLM(config, seed);
        var source = new SequenceBatchSource(rows, options.BatchSize, tokenizer.PadId!.Value, seed, bucketed: true);
        var training = new TrainOptions
        {
            Epochs = options.Epochs,
            Optimizer = new() { LearningRate = options.LearningRate },
            Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 20 },
            Seed = seed,
            RunFolder = Path.Combine(folder, "training"),
            CheckpointEvery = source.BatchesPerEpoch,
        };
        var steps = progress is null
            ? null
            : new StepProgress(progress, $"Training the {role.ToString().ToLowerInvariant()} model");
        await new Trainer(training)
            .RunAsync(model, source, new NextTokenLoss(), steps, cancellationToken)
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
