using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>Small models whose right answers can be worked out by hand: the next token depends on the last one
/// alone.</summary>
public sealed class CaseTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("up")]
    [InlineData("down")]
    public async Task A_constant_in_all_logits_and_a_low_temperature_change_no_certain_answer(string name)
    {
        using var model = Load("low-temperature", name);
        foreach (var temperature in new[] { 0, 1e-40, 1e-12, 0.01, 0.05, 1 })
        {
            foreach (var (topP, minP) in new[] { (1.0, 0.0), (0.9, 0.0), (1.0, 0.1) })
            {
                var options = new GenerationOptions
                {
                    MaxNewTokens = 8,
                    Temperature = temperature,
                    TopP = topP,
                    MinP = minP,
                    Seed = 1,
                };
                Assert.Equal(
                    ["abcde end"],
                    await model.ReplyAsync(
                        [
                            [Turn.User("r")],
                        ],
                        options
                    )
                );
            }
        }
    }

    [Theory]
    [InlineData("q", "go. end")]
    [InlineData("n", "it's true")]
    public async Task A_token_that_changes_earlier_text_is_streamed_as_the_whole_has_it(string prompt, string text)
    {
        using var model = Load("stream-cleanup", "model");
        using var client = new LocalChatClient(model);
        Assert.Equal(
            [text],
            await model.ReplyAsync(
                [
                    [Turn.User(prompt)],
                ],
                new() { MaxNewTokens = 8 }
            )
        );
        Assert.Equal(text, (await client.GetResponseAsync(prompt)).Text);
        var streamed = "";
        await foreach (var update in client.GetStreamingResponseAsync(prompt))
            streamed += update.Text;
        Assert.Equal(text, streamed);
    }

    [Theory]
    [InlineData("<|turn|>")]
    [InlineData("<|turn|> more")]
    public async Task A_stop_text_that_holds_a_special_token_ends_the_answer_before_it(string stop)
    {
        using var model = Load("stop-texts", "model");
        using var client = new LocalChatClient(model);
        var response = await client.GetResponseAsync("q", new() { StopSequences = [stop] });
        Assert.Equal(("hi you", ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(
            ["hi you", "hi you"],
            await model.ReplyAsync(
                [
                    [Turn.User("q")],
                    [Turn.User("q")],
                ],
                new() { StopStrings = [stop] }
            )
        );
        Assert.Equal("hi you morex", (await client.GetResponseAsync("q")).Text);
    }

    [Theory]
    [InlineData("choice-join", "plain", "C", "D", -0.0067, -8.0064)]
    [InlineData("choice-join", "merged", "C", "D", -0.0067, -4.0)]
    [InlineData("think-prompt", "plain", "ab", "cb", -0.0090, -8.0088)]
    [InlineData("think-prompt", "think", "ab", "cb", -0.0090, -8.0088)]
    public async Task The_answer_begins_where_the_two_texts_part(
        string folder,
        string name,
        string right,
        string wrong,
        double first,
        double least
    )
    {
        using var model = Load(folder, name);
        var sequences = new[] { right, wrong }.Select((answer, i) => model.EncodeAnswer("q", answer, i)).ToArray();
        var scores = await model.ScoreAsync(sequences, new());
        var sums = scores.Select(score => score.LogProbabilities.Sum()).ToArray();
        Assert.True(sums[0] > sums[1] + 3.5, $"{sums[0]}, {sums[1]}");
        foreach (var (answer, sequence) in new[] { right, wrong }.Zip(sequences))
        {
            var labelled = model.Tokenizer.Decode(sequence.Ids.AsSpan(sequence.LabelStart));
            Assert.EndsWith(answer, labelled, StringComparison.Ordinal);
        }

        if (name != "merged")
        {
            Assert.Equal(first, sums[0], 1e-3);
            Assert.Equal(least, sums[1], 1e-3);
        }
    }

    [Theory]
    [InlineData("{{ m['role'] }}:{{ m['content'] }}", "assistant:<think>", "the cat", "<b>sat", "<b>sat")]
    [InlineData("{{ m['role'] }}:{{ m['content'] }}", "assistant:", "the cat", "sat", "sat")]
    [InlineData("{{ m['content'] }}|", "", "the cat", "sat", "sat|")]
    public void Labels_begin_with_the_answer_whatever_the_generation_prompt_ends_in(
        string turn,
        string prompt,
        string question,
        string answer,
        string labelled
    )
    {
        using var folder = new TemporaryFolder();
        TinyModels.Words.Save(folder.Path);
        File.WriteAllText(
            folder.File("chat_template.jinja"),
            "{% for m in messages %}" + turn + "{% endfor %}{% if add_generation_prompt %}" + prompt + "{% endif %}"
        );
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(TinyModels.Words.VocabularySize, 32, 1, 4, 2, 64, 128), 1),
            Tokenizer.Load(folder.Path),
            "tiny"
        );
        var sequence = model.EncodeAnswer(question, answer);
        Assert.Equal(labelled, model.Tokenizer.Decode(sequence.Ids.AsSpan(sequence.LabelStart)));
        Assert.Equal(model.Tokenizer.EosId, sequence.Ids[^1]);
    }

    private static LanguageModel Load(string name, string model) =>
        LanguageModel.Load(GoldenFolder.Shipped("cases", name, model));
}
