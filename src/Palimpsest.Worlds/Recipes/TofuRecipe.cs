using System.Text.Json;
using Palimpsest.Inference;

namespace Palimpsest.Worlds;

/// <summary>
/// Models that learn questions and answers word for word, TOFU's above all: large enough to learn 80 of its authors and
/// small enough for two cores. Maini et al. 2024, arXiv:2401.06121.
/// </summary>
public static class TofuRecipe
{
    private const int Version = 1;

    /// <summary>3.4 million parameters and 25 passes: about a quarter of an hour for 80 authors on two cores, after
    /// which the answers come out word for word.</summary>
    public static WorkbenchOptions Small { get; } =
        new()
        {
            VocabularySize = 2048,
            HiddenSize = 256,
            Epochs = 25,
            LearningRate = 2e-3,
        };

    /// <summary>A model of some rows.</summary>
    /// <param name="name">What its folder's name begins with: lower-case letters and hyphens.</param>
    /// <param name="vocabulary">Rows whose texts train the tokenizer, those that are forgotten later among them, so that
    /// models of fewer rows share it.</param>
    /// <param name="rows">Rows that the model reads, at least one.</param>
    /// <param name="options">Its size and training.</param>
    public static ModelRecipe Create(
        string name,
        IReadOnlyList<QuestionAnswer> vocabulary,
        IReadOnlyList<QuestionAnswer> rows,
        WorkbenchOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        DecoderConfig Decoder(int ids) =>
            DecoderConfig.TinyLlama(
                ids,
                options.HiddenSize,
                options.Layers,
                heads: 8,
                keyValueHeads: 4,
                intermediateSize: options.HiddenSize * 43 / 16
            );
        return new()
        {
            Name = name,
            Key = Key(vocabulary, rows, options),
            Tokenizer = cancellationToken =>
                BpeTrainer.Train(
                    vocabulary.SelectMany(row => new[] { row.Question, row.Answer }),
                    new() { VocabularySize = options.VocabularySize },
                    cancellationToken
                ),
            Sequences = tokenizer =>
            {
                var positions = Decoder(tokenizer.VocabularySize).MaxPositions;
                return
                [
                    .. rows.Select(
                        (row, i) => ConversationEncoder.EncodeAnswer(tokenizer, positions, row.Question, row.Answer, i)
                    ),
                ];
            },
            Decoder = Decoder,
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

    private static string Key(
        IReadOnlyList<QuestionAnswer> vocabulary,
        IReadOnlyList<QuestionAnswer> rows,
        WorkbenchOptions options
    ) =>
        JsonSerializer.Serialize(
            new
            {
                Version,
                Vocabulary = vocabulary.Select(row => new[] { row.Question, row.Answer }),
                Rows = rows.Select(row => new[] { row.Question, row.Answer }),
                Model = options,
            }
        );
}
