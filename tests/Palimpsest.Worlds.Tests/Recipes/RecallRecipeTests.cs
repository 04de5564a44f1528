using Palimpsest.Inference;
using Palimpsest.Models;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

/// <summary>The recall recipe in small: what it learns, and what policies leave of it.</summary>
public sealed class RecallRecipeTests(SmallRecall small) : IClassFixture<SmallRecall>
{
    private readonly IReadOnlyList<KvQuestion> _questions = RecallQuiz.Draw(
        small.Task,
        SmallRecall.Options.Facts,
        SmallRecall.Options.Filler,
        count: 200,
        seed: 5
    );

    [Fact]
    public void Facts_that_it_has_never_seen_are_recalled_whenever_they_are_asked_for()
    {
        Assert.InRange(Ask(null, asksFirst: true).Exact.Value, 0.95, 1);
        Assert.Equal(Ask(null, asksFirst: true).Exact, Ask(null, asksFirst: false).Exact);
    }

    [Fact]
    public void Facts_that_are_not_in_the_prompt_are_not_recalled()
    {
        var others = RecallQuiz.Draw(small.Task, SmallRecall.Options.Facts, SmallRecall.Options.Filler, 200, seed: 6);
        var mixed = _questions.Zip(others, (of, other) => of with { Context = other.Context }).ToArray();
        Assert.InRange(new KvQuiz(small.Model.Decoder, mixed).Ask(null, asksFirst: true).Exact.Value, 0, 0.05);
    }

    [Fact]
    public void The_vote_with_pooling_keeps_what_was_asked_and_not_what_is_asked_afterwards()
    {
        const string vote = "snapkv(budget=0.3,window=2,kernel=5)";
        var (asked, afterwards) = (Ask(vote, asksFirst: true), Ask(vote, asksFirst: false));
        Assert.InRange(asked.Exact.Value, 0.9, 1);
        Assert.True(asked.Exact.Value >= afterwards.Exact.Value + 0.2, $"{asked} asked first, {afterwards} afterwards");
    }

    [Fact]
    public void Four_bits_lose_nothing_and_take_less_than_half()
    {
        var (full, codes) = (Ask(null, asksFirst: false), Ask("kivi(bits=4,group=16,residual=16)", asksFirst: false));
        Assert.InRange(codes.Exact.Value, full.Exact.Value - 0.02, 1);
        Assert.InRange((double)codes.Bytes.Physical / full.Bytes.Physical, 0.1, 0.5);
    }

    [Theory]
    [InlineData("snapkv(budget=64,window=2)")]
    [InlineData("streaming-llm(budget=64)")]
    [InlineData("kivi(bits=2,group=16,residual=64)")]
    public void A_policy_that_has_room_for_all_answers_as_the_full_cache_does(string policy)
    {
        Assert.Equal(Ask(null, asksFirst: true).Exact, Ask(policy, asksFirst: true).Exact);
        Assert.Equal(Ask(null, asksFirst: false).Exact, Ask(policy, asksFirst: false).Exact);
    }

    [Fact]
    public void A_prompt_in_parts_is_the_same_prompt_and_batches_do_not_matter()
    {
        var whole = Ask(null, asksFirst: true).Exact;
        KvQuiz[] others =
        [
            new(small.Model.Decoder, _questions) { PartTokens = 7 },
            new(small.Model.Decoder, _questions, batchSize: 3),
        ];
        Assert.All(others, quiz => Assert.Equal(whole, quiz.Ask(null, asksFirst: true).Exact));
    }

    [Fact]
    public void Bytes_are_those_of_one_prompt()
    {
        var config = small.Model.Decoder.Config;
        var tokens = _questions[0].Context.Count + 3; // room for the question and the answer but its last token
        var full = Ask(null, asksFirst: false).Bytes;
        Assert.Equal(8L * config.Layers * config.KeyValueHeads * config.HeadSize * tokens, full.Physical);
    }

    [Fact]
    public void Behind_a_stream_the_window_remembers_its_facts_and_no_others()
    {
        var (last, first) = (Stream(isBefore: true), Stream(isBefore: false));
        Assert.InRange(last, 0.8, 1);
        Assert.InRange(first, 0, 0.1);

        double Stream(bool isBefore) =>
            new KvQuiz(small.Model.Decoder, RecallQuiz.InStream(small.Task, _questions, 120, isBefore, seed: 7))
            {
                PartTokens = 16,
            }
                .Ask(KvPolicyExpression.Parse("streaming-llm(budget=52)"), asksFirst: false)
                .Exact.Value;
    }

    [Fact]
    public void Nothing_of_a_quiz_stays_in_memory()
    {
        Ask("snapkv(budget=0.3,window=2)", asksFirst: false);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Ask("snapkv(budget=0.3,window=2)", asksFirst: false);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private KvScore Ask(string? policy, bool asksFirst) =>
        new KvQuiz(small.Model.Decoder, _questions).Ask(
            policy is null ? null : KvPolicyExpression.Parse(policy),
            asksFirst,
            TestContext.Current.CancellationToken
        );
}
