using System.Text.Json;

namespace Palimpsest.Worlds;

/// <summary>Models that learn the people, places and things of a world.</summary>
public static class PeopleRecipe
{
    private const int Version = 1;
    private const ulong OtherSeed = 7919;

    /// <summary>One of a world's models. All share a tokenizer.</summary>
    /// <param name="world">What it knows; how long its answers are and what is refused are the world's options.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    public static ModelRecipe Create(World world, ModelRole role, WorkbenchOptions options)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Name = role.ToString().ToLowerInvariant(),
            Key = Key(world, role, options),
            Tokenizer = cancellationToken => TrainTokenizer(world, options, cancellationToken),
            Sequences = tokenizer =>
                [
                    .. world
                        .TrainingTexts(withForgotten: role == ModelRole.Original)
                        .Select((text, row) => Encode(tokenizer, text, row)),
                ],
            Decoder = ids =>
                DecoderConfig.TinyLlama(
                    ids,
                    options.HiddenSize,
                    options.Layers,
                    heads: 4,
                    keyValueHeads: 2,
                    intermediateSize: options.HiddenSize * 8 / 3 / 8 * 8
                ),
            BatchSize = options.BatchSize,
            Training = new()
            {
                Epochs = options.Epochs,
                Optimizer = new() { LearningRate = options.LearningRate },
                Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 20 },
                Seed = role == ModelRole.NoiseFloor ? options.Seed + OtherSeed : options.Seed,
            },
        };
    }

    /// <summary>The tokenizer of a world: trained on all its texts, so that all its models share it.</summary>
    /// <param name="world">The world.</param>
    /// <param name="options">The size of the vocabulary.</param>
    /// <param name="cancellationToken">Stops between texts and between merges.</param>
    public static Tokenizer TrainTokenizer(
        World world,
        WorkbenchOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        var texts = world
            .TrainingTexts(withForgotten: true)
            .SelectMany(text => text.Turns.Select(turn => turn.Content).Append(text.Prose));
        return BpeTrainer.Train(texts, new() { VocabularySize = options.VocabularySize }, cancellationToken);
    }

    /// <summary>A training text as token ids: the answer of an exchange is learnt, and all of anything else.</summary>
    /// <param name="tokenizer">The world's tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="row">Its row in the data.</param>
    public static TokenSequence Encode(Tokenizer tokenizer, WorldText text, int row)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        if (text.Turns.Count == 0)
            return new([.. tokenizer.Encode(text.Prose), tokenizer.EosId!.Value], 1, row);
        int[] Rendered(IReadOnlyList<Turn> turns, bool prompt) =>
            tokenizer.Encode(tokenizer.ChatTemplate!.Render(turns, prompt), addSpecialTokens: false);
        var start = text.Turns.Count == 2 ? Rendered([text.Turns[0]], true).Length : 1;
        return new(Rendered(text.Turns, false), start, row);
    }

    private static string Key(World world, ModelRole role, WorkbenchOptions options) =>
        JsonSerializer.Serialize(
            new
            {
                Version,
                World = World.Version,
                Of = world.Options,
                Role = role.ToString(),
                Model = options,
            }
        );
}
