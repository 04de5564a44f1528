using Microsoft.Extensions.AI;

namespace Palimpsest.Inference.Tests;

/// <summary>Policies where users meet them.</summary>
public sealed class KvGenerationTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );

    private readonly LanguageModel _model = new(
        new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128) with { InitializerRange = 0.3 }, 11),
        Words,
        "tiny"
    );

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task A_rows_answer_does_not_depend_on_the_rows_beside_it()
    {
        int[][] prompts =
        [
            Words.Encode("the cat sat on the mat and the dog ate the hat and the cat sat on the mat"),
            Words.Encode("the dog ate the hat and the mat and the cat"),
        ];
        var options = Options("snapkv(budget=0.5,window=4)");
        var together = await _model.GenerateAsync(prompts, options);
        for (var row = 0; row < prompts.Length; row++)
            Assert.Equal((await _model.GenerateAsync([prompts[row]], options))[0], together[row]);
        var whole = await _model.GenerateAsync(prompts, options with { KvPolicy = null });
        Assert.NotEqual(whole[0], together[0]);
    }

    [Theory]
    [InlineData("snapkv(budget=0.3,window=8)")]
    [InlineData("h2o(heavy=0.1,recent=0.1)")]
    public async Task A_prompt_that_generation_reads_in_parts_is_one_prompt_to_the_policy(string kv)
    {
        using var scope = NewDisposeScope();
        var config = DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 1024);
        using var model = new LanguageModel(new(config with { InitializerRange = 0.3 }, 11), Words, "tiny");
        int[][] prompts =
        [
            [.. Enumerable.Range(0, 601).Select(i => 3 + i * i % 250)],
            Words.Encode("the cat sat"),
        ];
        var options = Options(kv);
        var answers = await model.GenerateAsync(prompts, options);
        using var cache = new Models.KvCache(config, 1, 700, policy: options.KvPolicy);
        var next = prompts[0];
        var expected = new List<int>();
        for (var i = 0; i < options.MaxNewTokens; i++)
        {
            next = [(int)KvModels.Read(model.Decoder, cache, next).select(1, -1).argmax().item<long>()];
            expected.Add(next[0]);
        }

        Assert.Equal(expected, answers[0]);
    }

    [Fact]
    public async Task A_chat_takes_a_policy_as_text_and_refuses_a_wrong_one()
    {
        using var client = new LocalChatClient(_model, Options(null));
        const string question = "the cat sat on the mat and the dog ate the hat and the cat sat on the mat";
        var full = await client.GetResponseAsync(question);
        var some = await client.GetResponseAsync(question, With("streaming-llm(budget=6,sinks=1)"));
        var same = await client.GetResponseAsync(question, With("streaming-llm(budget=500)"));
        Assert.NotEqual(full.Text, some.Text);
        Assert.Equal(full.Text, same.Text);
        await Assert.ThrowsAsync<InputException>(() => client.GetResponseAsync(question, With("streaming")));

        static ChatOptions With(string kv) => new() { AdditionalProperties = new() { ["kv"] = kv } };
    }

    private static GenerationOptions Options(string? kv) =>
        new() { MaxNewTokens = 16, KvPolicy = kv is null ? null : KvPolicyExpression.Parse(kv) };
}
