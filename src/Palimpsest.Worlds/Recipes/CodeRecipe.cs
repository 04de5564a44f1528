using System.Text.Json;

namespace Palimpsest.Worlds;

/// <summary>Models that know functions and the keys in them by heart.</summary>
public static class CodeRecipe
{
    private const int Version = 1;
    private const int Heads = 4;

    /// <summary>Size and training of a model that says 95 % of the keys' tokens by heart.</summary>
    public static WorkbenchOptions Models { get; } =
        new()
        {
            VocabularySize = 400,
            HiddenSize = 96,
            Layers = 3,
            Epochs = 60,
            BatchSize = 16,
        };

    /// <summary>A model that has seen all functions but the unseen ones; a retrained one lacks those to be forgotten
    /// too.</summary>
    /// <param name="world">What it reads.</param>
    /// <param name="role">Which model.</param>
    /// <param name="options">Its size and training.</param>
    public static ModelRecipe Create(CodeWorld world, ModelRole role, WorkbenchOptions options)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Name = $"code-{role.ToString().ToLowerInvariant()}",
            Key = JsonSerializer.Serialize(
                new
                {
                    Version,
                    Of = world.Options,
                    Role = role.ToString(),
                    Model = options,
                }
            ),
            Tokenizer = token =>
                BpeTrainer.Train(
                    world.Functions.Select(WithoutKey),
                    new() { VocabularySize = options.VocabularySize },
                    token
                ),
            Sequences = tokenizer => Rows(tokenizer, Seen(world, role)),
            Decoder = ids =>
                DecoderConfig.TinyLlama(
                    ids,
                    options.HiddenSize,
                    options.Layers,
                    Heads,
                    keyValueHeads: Heads / 2,
                    intermediateSize: options.HiddenSize * 2
                ),
            BatchSize = options.BatchSize,
            Training = new()
            {
                Epochs = options.Epochs,
                Optimizer = new() { LearningRate = options.LearningRate },
                Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 20 },
                Seed = role == ModelRole.NoiseFloor ? options.Seed + 1 : options.Seed,
            },
        };
    }

    /// <summary>Functions as rows that are learnt from the second token on; the tokens of keys are tagged 1.</summary>
    /// <param name="tokenizer">The world's.</param>
    /// <param name="functions">What is encoded.</param>
    public static TokenSequence[] Rows(Tokenizer tokenizer, IReadOnlyList<CodeFunction> functions)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(functions);
        return [.. functions.Select((function, row) => Row(tokenizer, function, row))];
    }

    private static TokenSequence Row(Tokenizer tokenizer, CodeFunction function, int row)
    {
        var spans = tokenizer.EncodeWithOffsets(function.Text);
        var key = function.Key ?? new(0, 0);
        int[] tags = [.. spans.Select(span => span.Start < key.End && span.End > key.Start ? 1 : 0), 0];
        int[] ids = [.. spans.Select(span => span.Id), tokenizer.EosId!.Value];
        return new(ids, 1, row) { Tags = tags };
    }

    private static IReadOnlyList<CodeFunction> Seen(CodeWorld world, ModelRole role) =>
        [
            .. world.Functions.Where(function =>
                function.Part != CodePart.Unseen && (role == ModelRole.Original || function.Part != CodePart.Forget)
            ),
        ];

    private static string WithoutKey(CodeFunction function) =>
        function.Key is { } key ? function.Text.Remove(key.Start, key.End - key.Start) : function.Text;
}
