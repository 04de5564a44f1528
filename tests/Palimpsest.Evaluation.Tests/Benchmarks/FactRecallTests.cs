namespace Palimpsest.Evaluation.Tests;

public sealed class FactRecallTests
{
    private static readonly Fact Owl = new()
    {
        Id = "owl",
        Scope = FactScope.Forget,
        Subject = "Mira",
        Relation = "owl",
        Object = "Ost",
        Aliases = ["the grey one"],
        Question = "Which owl has Mira?",
        Answer = "Mira has Ost.",
        Paraphrases = ["What owl lives with Mira?", "Name the owl."],
    };

    [Fact]
    public async Task Replies_are_counted_by_phrasing_and_a_refusal_is_no_wrong_answer()
    {
        var model = new Replies(
            new()
            {
                ["Which owl has Mira?"] = "It is the Grey one!",
                ["What owl lives with Mira?"] = "I don't know.",
                ["Name the owl."] = "Pell.",
            }
        );
        var result = await new FactRecall(new() { BatchSize = 2 }).RunAsync(model, [Owl]);
        Assert.Equal([Verdict.Stated, Verdict.Refused, Verdict.Absent], result.Items.Select(item => item.Verdict));
        Assert.Equal(new Rate(1, 1), result.Accuracy["forget"]);
        Assert.Equal(new Rate(0, 2), result.Accuracy["forget, rephrased"]);
        Assert.Equal(new Rate(1, 2), result.Refusals["forget, rephrased"]);
        Assert.Equal([2, 1], model.BatchSizes);
    }

    [Fact]
    public async Task A_question_that_holds_its_answer_is_refused()
    {
        var error = await Assert.ThrowsAsync<InputException>(() =>
            new FactRecall(new()).RunAsync(new Replies([]), [Owl with { Paraphrases = ["Is Ost the owl?"] }])
        );
        Assert.Contains("'Is Ost the owl?' holds the answer", error.Message, StringComparison.Ordinal);
    }

    private sealed class Replies(Dictionary<string, string> replies) : ITextModel
    {
        public string Name => "replies";

        public List<int> BatchSizes { get; } = [];

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations,
            GenerationOptions options,
            CancellationToken cancellationToken = default
        )
        {
            BatchSizes.Add(conversations.Count);
            return Task.FromResult<IReadOnlyList<string>>([
                .. conversations.Select(turns => replies[turns[^1].Content]),
            ]);
        }
    }
}
