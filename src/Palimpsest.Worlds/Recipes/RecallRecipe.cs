using System.Text.Json;

namespace Palimpsest.Worlds;

/// <summary>A model that learns to look up in its prompt what it is asked: nothing that it recalls is in its
/// weights.</summary>
public static class RecallRecipe
{
    private const int Version = 1;
    private const ulong RowStream = 41;
    private const int FewestFacts = 4;

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
            Tokenizer = task.Tokenizer,
            Sequences = tokenizer => Rows(task, tokenizer, options),
            Decoder = ids =>
                DecoderConfig.TinyLlama(
                    ids,
                    options.HiddenSize,
                    options.Layers,
                    heads: 4,
                    keyValueHeads: 2,
                    intermediateSize: options.HiddenSize * 2
                ) with
                {
                    InitializerRange = InitializerRange,
                },
            BatchSize = options.BatchSize,
            Training = new()
            {
                Epochs = options.Epochs,
                Optimizer = new() { LearningRate = options.LearningRate },
                Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 50 },
                Seed = options.Seed,
            },
        };
    }

    private static TokenSequence[] Rows(RecallTask task, Tokenizer tokenizer, RecallTaskOptions options)
    {
        var random = new SeededRandom(SeededRandom.Derive(options.Seed, RowStream));
        return
        [
            .. Enumerable
                .Range(0, options.Rows)
                .Select(row =>
                    task.Row(tokenizer, FewestFacts + random.Below(options.Facts - FewestFacts + 1), random, row)
                ),
        ];
    }
}
