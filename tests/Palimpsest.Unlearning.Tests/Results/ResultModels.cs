using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

/// <summary>A small model with a tokenizer and rows, for results that are written and read.</summary>
internal static class ResultModels
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        [.. Enumerable.Range(0, 12).SelectMany(i => new[] { Question(i), Answer(i) })],
        new() { VocabularySize = 300, LeastCount = 1 }
    );

    public static string Question(int row) => $"what is in box {(char)('a' + row)} ?";

    public static string Answer(int row) => $"a {(char)('p' - row)} stone";

    public static LanguageModel New(ulong seed) =>
        new(new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 64), seed), Words, "tiny");

    /// <summary>A model that knows its twelve rows.</summary>
    public static async Task<LanguageModel> TaughtAsync()
    {
        var language = New(3);
        TokenSequence[] rows = [.. Enumerable.Range(0, 12).Select(row => Row(language, row))];
        var training = new TrainOptions
        {
            MaxSteps = 150,
            Optimizer = new() { LearningRate = 1e-2 },
        };
        await new Trainer(training).RunAsync(
            language.Decoder,
            new SequenceBatchSource(rows, 12, language.PadId, 1),
            new NextTokenLoss()
        );
        language.Decoder.eval();
        return language;
    }

    /// <summary>Rows 0 to 3 are to be forgotten, the others kept.</summary>
    public static UnlearnJob Job(LanguageModel language) =>
        new()
        {
            Model = language.Decoder,
            PadId = language.PadId,
            Forget = [.. Enumerable.Range(0, 4).Select(row => Row(language, row))],
            Retain = [.. Enumerable.Range(4, 8).Select(row => Row(language, row))],
            BatchSize = 4,
            Training = new()
            {
                MaxSteps = 6,
                Optimizer = new() { LearningRate = 1e-2 },
            },
        };

    private static TokenSequence Row(LanguageModel language, int row) =>
        language.EncodeAnswer(Question(row), Answer(row), row);
}
