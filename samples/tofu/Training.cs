using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Worlds;

namespace Palimpsest.Samples.Tofu;

/// <summary>Trains the model that saw the forget rows and the one that never did; a killed run goes on where it
/// stopped.</summary>
internal sealed class Training(TofuPlan plan, TofuRows rows, string folder, ProgressLines progress)
{
    /// <summary>Trains what is missing. Both models share the tokenizer and take the same number of steps per
    /// row.</summary>
    /// <returns>The folders of the full and of the retained model.</returns>
    /// <exception cref="InputException">The full model answers too few of the forget questions.</exception>
    public async Task<(string Full, string Retain)> RunAsync(CancellationToken cancellationToken)
    {
        var full = await TrainAsync("full", [.. rows.Forget, .. rows.Keep], plan.Seed, cancellationToken)
            .ConfigureAwait(false);
        var accuracy = await AccuracyAsync(full, cancellationToken).ConfigureAwait(false);
        progress.Say($"the full model answers {accuracy:p1} of the forget questions");
        if (accuracy < plan.LeastAccuracy)
            throw new InputException(
                $"The full model answers {accuracy:p1} of the forget questions; needed is {plan.LeastAccuracy:p0}. "
                    + $"Train it longer than {plan.Epochs} epochs."
            );
        return (full, await TrainAsync("retain", rows.Keep, plan.Seed + 1, cancellationToken).ConfigureAwait(false));
    }

    private Task<string> TrainAsync(
        string name,
        IReadOnlyList<QuestionAnswer> read,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        var options = TofuRecipe.Small with { HiddenSize = plan.HiddenSize, Epochs = plan.Epochs, Seed = seed };
        QuestionAnswer[] vocabulary = [.. rows.Forget, .. rows.Keep];
        return new Workbench(Path.Combine(folder, "models")).GetAsync(
            TofuRecipe.Create(name, vocabulary, read, options),
            progress,
            cancellationToken
        );
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
