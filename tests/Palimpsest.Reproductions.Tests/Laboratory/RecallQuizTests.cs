using Palimpsest.Inference;
using Palimpsest.Models;
using Palimpsest.Worlds;

namespace Palimpsest.Reproductions.Tests;

public sealed class RecallQuizTests : IDisposable
{
    private static readonly RecallTaskOptions Options = new() { Names = 12 };
    private static readonly RecallTask Task = new(Options);
    private readonly LanguageModel _model;
    private readonly RecallQuiz _quiz;

    public RecallQuizTests()
    {
        var tokenizer = Task.Tokenizer();
        var config = DecoderConfig.TinyLlama(tokenizer.VocabularySize, 32, 2, 2, 1, 32) with { InitializerRange = 0.3 };
        _model = new(new CausalLM(config, 3), tokenizer, "untrained");
        _quiz = new(_model, Task, facts: 12, prompts: 70, seed: 5);
    }

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("snapkv(budget=64,window=2)")]
    [InlineData("streaming-llm(budget=64)")]
    [InlineData("kivi(bits=2,group=16,residual=64)")]
    public void A_policy_that_has_room_for_all_answers_as_the_full_cache_does(string policy)
    {
        Assert.Equal(_quiz.Ask(null, asksFirst: true), _quiz.Ask(policy, asksFirst: true));
        Assert.Equal(_quiz.Ask(null, asksFirst: false), _quiz.Ask(policy, asksFirst: false));
    }

    [Fact]
    public void Without_a_policy_it_does_not_matter_when_the_question_comes() =>
        Assert.Equal(_quiz.Ask(null, asksFirst: true), _quiz.Ask(null, asksFirst: false));

    [Fact]
    public void Every_prompt_counts_once_and_a_model_that_has_learnt_nothing_guesses()
    {
        var rate = _quiz.Ask(null, asksFirst: true);
        Assert.Equal(70, rate.N);
        Assert.InRange(rate.Value, 0, 0.25); // one thing of sixteen
    }
}
