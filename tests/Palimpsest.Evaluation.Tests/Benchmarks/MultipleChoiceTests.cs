namespace Palimpsest.Evaluation.Tests;

public sealed class MultipleChoiceTests
{
    [Theory]
    [InlineData(ChoiceNormalization.Token, -1.0)]
    [InlineData(ChoiceNormalization.Byte, -0.75)]
    [InlineData(ChoiceNormalization.None, -3.0)]
    public void A_score_is_the_summed_log_likelihood_over_tokens_or_bytes(
        ChoiceNormalization normalization,
        double expected
    ) =>
        Assert.Equal(
            expected,
            MultipleChoice.Score(new([-0.5f, -2, -0.5f], [0, 0, 0], [], []), "häl", normalization),
            1e-12
        );

    [Theory]
    [InlineData(new[] { -1.0, -2, -3 }, 0, 1.0)]
    [InlineData(new[] { -2.0, -1.5, -3 }, 1, -0.5)]
    [InlineData(new[] { -1.0, -1, -1 }, 2, 0.0)]
    public void The_likeliest_answer_is_chosen_and_a_tie_is_not_right(double[] scores, int chosen, double margin)
    {
        var item = new ChoiceItem("a", "g", "q", scores);
        Assert.Equal((chosen, chosen == 0, margin), (item.Chosen, item.IsRight, item.Margin));
    }

    [Fact]
    public async Task A_model_without_opinion_is_right_only_where_the_right_answer_is_shorter_and_length_counts()
    {
        using var model = UniformModel.Create("the owl is white. the owl that flies by night is brown.");
        var questions = new[]
        {
            Question("short", "forget", "white", "the owl that flies"),
            Question("long", "retain", "the owl that flies", "white"),
        };
        var plain = await MultipleChoice.RunAsync(model, questions, new() { Normalization = ChoiceNormalization.None });
        Assert.Equal((1, 1), (plain.Accuracy["forget"].Hits, plain.Accuracy["forget"].N));
        Assert.Equal((0, 1), (plain.Accuracy["retain"].Hits, plain.Accuracy["retain"].N));
        Assert.Equal(0.5, plain.Chance["forget"]);
        var byToken = await MultipleChoice.RunAsync(model, questions, new());
        Assert.Equal(0, byToken.Accuracy["forget"].Hits); // all equal: nothing to choose by
        Assert.All(
            byToken.Items.SelectMany(item => item.Scores),
            score => Assert.Equal(-Math.Log(model.Decoder.Config.VocabularySize), score, 1e-5)
        );
    }

    [Fact]
    public async Task Scores_do_not_depend_on_how_many_are_read_at_once()
    {
        using var model = UniformModel.Create("the owl is white. the owl that flies by night is brown.");
        var questions = Enumerable
            .Range(0, 40)
            .Select(i => Question($"{i}", "g", "white", "the owl that flies"))
            .ToArray();
        var one = await MultipleChoice.RunAsync(
            model,
            questions,
            new() { BatchSize = 1, Normalization = ChoiceNormalization.Byte }
        );
        var many = await MultipleChoice.RunAsync(
            model,
            questions,
            new() { BatchSize = 64, Normalization = ChoiceNormalization.Byte }
        );
        Assert.Equal(questions.Select(question => question.Id), many.Items.Select(item => item.Id));
        foreach (var (a, b) in one.Items.Zip(many.Items))
            Assert.Equal(a.Scores[1], b.Scores[1], 1e-5);
    }

    [Fact]
    public async Task Equal_answers_are_refused()
    {
        using var model = UniformModel.Create("the owl is white.");
        var error = await Assert.ThrowsAsync<InputException>(() =>
            MultipleChoice.RunAsync(model, [Question("a", "g", "white", "white")], new())
        );
        Assert.Contains("Question 'a' has 2 answers, 1 of them different", error.Message, StringComparison.Ordinal);
    }

    private static ChoiceQuestion Question(string id, string group, params string[] choices) =>
        new()
        {
            Id = id,
            Group = group,
            Question = "which owl",
            Choices = choices,
        };
}
