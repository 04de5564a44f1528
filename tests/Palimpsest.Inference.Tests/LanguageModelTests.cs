using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class LanguageModelTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );

    private readonly LanguageModel _model = new(
        new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 11),
        Words,
        "tiny"
    );

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.9, 1)]
    [InlineData(0, 1.3)]
    public async Task A_row_is_the_same_alone_and_in_any_batch(double temperature, double penalty)
    {
        var prompts = Prompts();
        var options = new GenerationOptions
        {
            MaxNewTokens = 12,
            Temperature = temperature,
            RepetitionPenalty = penalty,
            TopK = 20,
            TopP = 0.95,
            Seed = 4,
        };
        var together = await _model.GenerateAsync(prompts, options);
        var pairs = await _model.GenerateAsync(prompts, options with { BatchSize = 2 });
        var single = await _model.GenerateAsync(prompts, options with { BatchSize = 1 });
        Assert.Equal(single, together);
        Assert.Equal(single, pairs);
    }

    [Fact]
    public async Task Decoding_through_the_cache_gives_the_tokens_of_full_passes()
    {
        var prompt = Prompts()[1];
        var generated = (await _model.GenerateAsync([prompt], new() { MaxNewTokens = 10 }))[0];
        using var scope = NewDisposeScope();
        var ids = prompt.Select(id => (long)id).ToList();
        foreach (var token in generated)
        {
            var logits = _model.Decoder.Forward(new() { TokenIds = tensor(ids.ToArray(), [1, ids.Count]) }).Logits!;
            Assert.Equal(token, logits[0, -1].argmax().item<long>());
            ids.Add(token);
        }
    }

    [Fact]
    public async Task Streaming_gives_the_text_of_the_whole_answer()
    {
        var (prompt, options) = (
            Prompts()[0],
            new GenerationOptions
            {
                MaxNewTokens = 30,
                Temperature = 1,
                Seed = 3,
            }
        );
        var whole = Words.Decode((await _model.GenerateAsync([prompt], options))[0]);
        var streamed = "";
        await foreach (var piece in _model.StreamAsync(prompt, options))
            streamed += piece;
        Assert.Equal(whole, streamed);
        var stop = whole.Substring(whole.Length / 2, 2);
        streamed = "";
        await foreach (var piece in _model.StreamAsync(prompt, options with { StopStrings = [stop] }))
            streamed += piece;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], streamed);
    }

    [Fact]
    public async Task Scores_are_the_log_softmax_of_a_plain_pass()
    {
        var sequences = Prompts()
            .Select((ids, row) => new TokenSequence(ids, Math.Min(2 + row % 3, ids.Length), row))
            .ToArray();
        var scores = await _model.ScoreAsync(sequences, new() { VocabularyMoments = true, BatchSize = 2 });
        using var scope = NewDisposeScope();
        foreach (var (sequence, score) in sequences.Zip(scores))
        {
            var ids = tensor(sequence.Ids.Select(i => (long)i).ToArray(), [1, sequence.Ids.Length]);
            var log = _model.Decoder.Forward(new() { TokenIds = ids }).Logits![0].log_softmax(-1);
            Assert.Equal(sequence.LabelCount, score.LogProbabilities.Length);
            for (var i = 0; i < score.LogProbabilities.Length; i++)
            {
                var row = log[sequence.LabelStart + i - 1];
                Assert.Equal(row[sequence.Ids[sequence.LabelStart + i]].item<float>(), score.LogProbabilities[i], 1e-5);
                Assert.Equal((row.exp() * row).sum().item<float>(), score.Mean[i], 1e-4);
                Assert.Equal(row.argmax().item<long>(), score.Greedy[i]);
            }
        }
    }

    [Fact]
    public async Task Saving_and_loading_gives_the_same_answers()
    {
        using var folder = new TestKit.TemporaryFolder();
        _model.Save(folder.Path);
        using var loaded = LanguageModel.Load(folder.Path);
        Assert.Equal(
            await _model.GenerateAsync(Prompts(), new() { MaxNewTokens = 8 }),
            await loaded.GenerateAsync(Prompts(), new() { MaxNewTokens = 8 })
        );
    }

    [Fact]
    public async Task Cancelling_stops_between_tokens()
    {
        using var stop = new CancellationTokenSource();
        var pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var _ in _model.StreamAsync(Prompts()[0], new() { MaxNewTokens = 100, Temperature = 1 }, stop.Token)
            )
            {
                if (++pieces == 2)
                    await stop.CancelAsync();
            }
        });
        Assert.InRange(pieces, 2, 60);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_positions_is_refused()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => _model.GenerateAsync([new int[128]], new()));
        Assert.Contains("128 positions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        using var small = new CausalLM(DecoderConfig.TinyLlama(100, 32, 1, 4, 2, 64), 1);
        Assert.Contains(
            "of another model",
            Assert.Throws<InputException>(() => new LanguageModel(small, Words, "x")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("<|end|>\\n", true)]
    [InlineData("<|end|>", true)]
    [InlineData("\\n", false)]
    public void An_answer_is_labelled_up_to_one_end_token_whatever_the_template_puts_after_it(
        string close,
        bool endsTurns
    )
    {
        using var folder = new TemporaryFolder();
        Words.Save(folder.Path);
        var turn =
            "m['role'] + ':' + m['content'] + '"
            + close.Replace("<|end|>", Words.TokenOf(Words.EosId!.Value), StringComparison.Ordinal)
            + "'";
        File.WriteAllText(
            folder.File("chat_template.jinja"),
            "{% for m in messages %}{{ "
                + turn
                + " }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
        );
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 11),
            Tokenizer.Load(folder.Path),
            "tiny"
        );
        var sequence = model.EncodeAnswer("the cat", "sat");
        var labelled = sequence.Ids[sequence.LabelStart..];
        Assert.Equal(Words.EosId, labelled[^1]);
        Assert.Equal(1, labelled.Count(id => id == Words.EosId));
        Assert.Equal(endsTurns ? "sat" : "sat\n", Words.Decode(labelled));
    }

    private static int[][] Prompts() =>
        [
            .. new[] { "the cat", "the dog ate the hat and the cat sat", "mat", "on the mat the" }.Select(text =>
                Words.Encode(text)
            ),
        ];
}
