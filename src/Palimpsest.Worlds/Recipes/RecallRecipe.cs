using System.Text.Json;

namespace Palimpsest.Worlds;

/// <summary>A model that learns to look up in its prompt what it is asked: nothing that it recalls is in its
/// weights.</summary>
/// <remarks>
/// docs/recall.md has the experiments behind its shape. The first layer sees three tokens, so that it mixes each with
/// the two before it from the first step on; a model that first has to learn to look one token back stays at guessing
/// for hundreds of steps. Rows are short at first for the same reason.
/// </remarks>
public static class RecallRecipe
{
    private const int Version = 1;
    private const ulong RowStream = 41;
    private const int FewestFacts = 2;
    private const int Heads = 4;
    private const int MaxPositions = 2048; // more than it learns from, so that one can see what becomes of it there
    private const double ShortShare = 0.25; // of the facts, in the first half of the steps
    private const double ShortUntil = 0.5;
    private const double FullFrom = 0.8;

    // At 0.02, the usual one for wide models, attention of this width is even for a thousand steps.
    private const double InitializerRange = 0.1;

    /// <summary>The recipe of a size.</summary>
    /// <param name="options">Task, model and training.</param>
    public static ModelRecipe Create(RecallTaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var task = new RecallTask(options);
        return new()
        {
            Name = "recall",
            Key = JsonSerializer.Serialize(new { Version, Of = options }),
            Tokenizer = _ => task.Tokenizer,
            Sequences = _ => Rows(task, options),
            Decoder = ids => Decoder(ids, options),
            BatchSize = options.BatchSize,
            KeepsOrder = true,
            Training = new()
            {
                Optimizer = new() { LearningRate = options.LearningRate },
                Schedule = new()
                {
                    Kind = ScheduleKind.Cosine,
                    WarmupSteps = 50,
                    FinalShare = 0.1,
                },
                Seed = options.Seed,
            },
        };
    }

    private static DecoderConfig Decoder(int ids, RecallTaskOptions options) =>
        DecoderConfig.TinyLlama(
            ids,
            options.HiddenSize,
            options.Layers,
            Heads,
            keyValueHeads: Heads / 2,
            intermediateSize: options.HiddenSize * 2,
            maxPositions: MaxPositions
        ) with
        {
            Family = "qwen2",
            QueryKeyValueBias = true,
            InitializerRange = InitializerRange,
            SlidingWindow = 3,
            WindowedLayers = [0],
        };

    /// <summary>All rows of a step have as many facts, at most a quarter at first and all of them in the end.</summary>
    private static TokenSequence[] Rows(RecallTask task, RecallTaskOptions options)
    {
        var random = new SeededRandom(SeededRandom.Derive(options.Seed, RowStream));
        var rows = new List<TokenSequence>();
        for (var step = 0; step < options.Steps; step++)
        {
            var grown = Math.Clamp(((double)step / options.Steps - ShortUntil) / (FullFrom - ShortUntil), 0, 1);
            var most = Math.Max(FewestFacts, (int)(options.Facts * (ShortShare + (1 - ShortShare) * grown)));
            var facts = FewestFacts + random.Below(most - FewestFacts + 1);
            for (var i = 0; i < options.BatchSize; i++)
            {
                var prompt = task.Draw(facts, options.Filler * facts / options.Facts, random);
                rows.Add(task.Row(prompt, options.Questions, random, rows.Count));
            }
        }

        return [.. rows];
    }
}
