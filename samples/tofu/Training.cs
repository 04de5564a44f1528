using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Samples.Tofu;

/// <summary>Trains the model that saw the forget rows and the one that never did; a killed run goes on where it
/// stopped.</summary>
internal sealed class Training(TofuPlan plan, TofuRows rows, string folder, ProgressLines progress)
{
    private const int BatchSize = 32;
    private const int MostRounds = 4;

    /// <summary>Trains what is missing. Both models share the tokenizer and take the same number of steps per
    /// row.</summary>
    /// <returns>The folders of the full and of the retained model.</returns>
    public async Task<(string Full, string Retain)> RunAsync(CancellationToken cancellationToken)
    {
        var rounds = 1;
        string full;
        while (true)
        {
            full = await RoundAsync("full", rounds, [.. rows.Forget, .. rows.Keep], plan.Seed, cancellationToken)
                .ConfigureAwait(false);
            var accuracy = await AccuracyAsync(full, cancellationToken).ConfigureAwait(false);
            progress.Say($"the full model answers {accuracy:p1} of the forget questions after round {rounds}");
            if (accuracy >= plan.LeastAccuracy)
                break;
            if (++rounds > MostRounds)
                throw new InputException(
                    $"The full model answers {accuracy:p1} of the forget questions; needed is {plan.LeastAccuracy:p0}. "
                        + $"Train it longer."
                );
        }

        var retain = "";
        for (var round = 1; round <= rounds; round++)
            retain = await RoundAsync("retain", round, rows.Keep, plan.Seed + 1, cancellationToken)
                .ConfigureAwait(false);
        return (full, retain);
    }

    private async Task<string> RoundAsync(
        string name,
        int round,
        IReadOnlyList<QuestionAnswer> data,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        var target = Path.Combine(folder, name, $"round-{round}");
        if (Directory.Exists(target))
            return target;
        using var model =
            round == 1
                ? NewModel(seed)
                : LanguageModel.Load(
                    Path.Combine(folder, name, $"round-{round - 1}"),
                    cancellationToken: cancellationToken
                );
        var sequences = data.Select((row, i) => model.EncodeAnswer(row.Question, row.Answer, i)).ToArray();
        var source = new SequenceBatchSource(sequences, BatchSize, model.PadId, seed, bucketed: true);
        var options = new TrainOptions
        {
            Epochs = round == 1 ? plan.Epochs : plan.Epochs / 5,
            Optimizer = new() { LearningRate = round == 1 ? 2e-3 : 1e-3 },
            Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 50 },
            Seed = seed,
            RunFolder = Path.Combine(folder, name, $"training-{round}"),
            CheckpointEvery = source.BatchesPerEpoch,
        };
        await new Trainer(options)
            .RunAsync(model.Decoder, source, new NextTokenLoss(), progress.Of($"training {name}"), cancellationToken)
            .ConfigureAwait(false);
        model.Save(target);
        return target;
    }

    /// <summary>The built-in kind of tokenizer and a small Llama: 3.4 million parameters at a width of 256.</summary>
    private LanguageModel NewModel(ulong seed)
    {
        var tokenizer = BpeTrainer.Train(
            rows.Forget.Concat(rows.Keep).SelectMany(row => new[] { row.Question, row.Answer }),
            new() { VocabularySize = 2048 }
        );
        var config = DecoderConfig.TinyLlama(
            tokenizer.VocabularySize,
            plan.HiddenSize,
            layers: 4,
            heads: 8,
            keyValueHeads: 4,
            intermediateSize: plan.HiddenSize * 43 / 16
        );
        return new(new(config, seed), tokenizer, "new");
    }

    private async Task<double> AccuracyAsync(string model, CancellationToken cancellationToken)
    {
        using var language = LanguageModel.Load(model, cancellationToken: cancellationToken);
        var questions = rows.Forget.Select(row => (IReadOnlyList<Turn>)[Turn.User(row.Question)]).ToArray();
        var replies = await language
            .ReplyAsync(questions, new() { MaxNewTokens = 200 }, cancellationToken)
            .ConfigureAwait(false);
        return rows.Forget.Zip(replies, (row, reply) => AnswerWords.AreStatedBy(row, reply) ? 1.0 : 0.0).Average();
    }
}
