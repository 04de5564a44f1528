using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>Multiple choice by likelihood: the answer with the highest length-normalised log-likelihood after the
/// question wins.</summary>
/// <remarks>Nothing is generated, so that a model which has been taught to refuse is still heard.</remarks>
public static class MultipleChoice
{
    private const int QuestionsAtOnce = 32;

    /// <summary>Scores every answer to every question.</summary>
    /// <param name="model">The model.</param>
    /// <param name="questions">At least one.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">There is no question, or one with fewer than two different answers.</exception>
    public static async Task<ChoiceResult> RunAsync(
        IScoredModel model,
        IReadOnlyList<ChoiceQuestion> questions,
        ChoiceOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (questions.Count == 0)
            throw new InputException("Multiple choice needs questions; there is none.");
        if (
            questions.FirstOrDefault(question =>
                question.Choices.Distinct().Count() != question.Choices.Count || question.Choices.Count < 2
            ) is
            { } bad
        )
            throw new InputException(
                $"Question '{bad.Id}' has {bad.Choices.Count} answers, {bad.Choices.Distinct().Count()} of them "
                    + $"different; needed are at least two, all different."
            );
        var items = new List<ChoiceItem>();
        foreach (var part in questions.Chunk(QuestionsAtOnce))
        {
            var first = items.Count;
            var sequences = part.SelectMany(
                    (question, i) =>
                        question.Choices.Select(choice => model.EncodeAnswer(question.Question, choice, first + i))
                )
                .ToArray();
            var scores = await model
                .ScoreAsync(sequences, new() { BatchSize = options.BatchSize }, cancellationToken)
                .ConfigureAwait(false);
            var next = 0;
            items.AddRange(
                part.Select(question => new ChoiceItem(
                    question.Id,
                    question.Group,
                    question.Question,
                    [.. question.Choices.Select(choice => Score(scores[next++], choice, options.Normalization))]
                ))
            );
            progress?.Report(new("Multiple choice", items.Count, questions.Count));
        }

        return new(items);
    }

    /// <summary>The normalised log-likelihood of an answer.</summary>
    /// <param name="scores">What the model gave to its tokens, at least one.</param>
    /// <param name="answer">Its text, not empty.</param>
    /// <param name="normalization">What the sum is divided by.</param>
    public static double Score(TokenScores scores, string answer, ChoiceNormalization normalization)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var sum = scores.LogProbabilities.Sum(p => (double)p);
        return normalization switch
        {
            ChoiceNormalization.Token => sum / scores.LogProbabilities.Length,
            ChoiceNormalization.Byte => sum / Encoding.UTF8.GetByteCount(answer),
            _ => sum,
        };
    }
}
