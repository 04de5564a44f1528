namespace Palimpsest.Inference.Tests;

public sealed class EmbeddingNoiseTests : IDisposable
{
    private static readonly EmbeddingNoiseOptions Strong = new() { Deviation = 0.5, Seed = 7 };

    private static readonly GenerationOptions Long = new() { MaxNewTokens = 16 };

    private readonly LanguageModel _model = TinyModels.New(11, positions: 1200);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Prompts_get_normal_numbers_of_the_deviation_that_depend_on_seed_flag_and_position()
    {
        using var scope = NewDisposeScope();
        var noise = Noise(Strong, [5, 5, 6], tokens: 400);
        Assert.Equal(0, noise[0].mean().item<float>(), 0.02);
        Assert.Equal(0.5, noise[0].std().item<float>(), 0.02);
        Assert.Equal(0.683, noise[0].abs().lt(0.5).to(ScalarType.Float32).mean().item<float>(), 0.02);
        AssertSame(noise[0], noise[1]);
        AssertDiffer(noise[0], noise[2]);
        AssertDiffer(noise[0, 3], noise[0, 4]);
        AssertSame(noise, Noise(Strong, [5, 5, 6], tokens: 400));
        AssertDiffer(noise, Noise(Strong with { Seed = 8 }, [5, 5, 6], tokens: 400));
        Assert.True(
            (noise * 2 - Noise(Strong with { Deviation = 1 }, [5, 5, 6], 400)).abs().max().item<float>() < 1e-5f
        );
    }

    [Fact]
    public void Rows_without_a_flag_answers_and_padding_get_none()
    {
        using var scope = NewDisposeScope();
        var answers = arange(6).ge(4).expand(2, 6);
        var real = tensor(new[] { false, true, true, true, true, true, true, true, true, true, true, true }, [2, 6]);
        var noise = Noise(Strong, [3, 0], 6, answers, real).ne(0).any(-1);
        Assert.Equal(
            [false, true, true, true, false, false, false, false, false, false, false, false],
            noise.reshape(-1).data<bool>().ToArray()
        );
    }

    [Fact]
    public async Task Flagged_prompts_are_continued_otherwise_and_the_rows_beside_them_as_ever()
    {
        var prompts = Prompts();
        var plain = await TokensAsync(prompts);
        using (_model.Decoder.Attach(new EmbeddingNoise(Strong)))
        {
            Assert.Equal(plain, await TokensAsync(prompts));
            var flagged = await TokensAsync(Flagged(prompts));
            for (var row = 0; row < prompts.Length; row++)
                Assert.Equal(row % 2 == 1, plain[row].SequenceEqual(flagged[row]));
            Assert.Equal(flagged, await TokensAsync(Flagged(prompts)));
        }

        Assert.Equal(plain, await TokensAsync(Flagged(prompts)));
    }

    [Fact]
    public async Task A_flagged_prompt_is_continued_the_same_alone_in_a_batch_at_once_and_streamed()
    {
        using var attached = _model.Decoder.Attach(new EmbeddingNoise(Strong));
        var prompts = Flagged(Prompts());
        var together = await TokensAsync(prompts);
        var alone = new List<int[]>();
        foreach (var prompt in prompts)
            alone.AddRange(await TokensAsync([prompt]));
        Assert.Equal(alone, together);
        var atOnce = await Task.WhenAll(prompts.Select(prompt => TokensAsync([prompt])));
        Assert.Equal(alone, atOnce.Select(rows => rows[0]));
        for (var row = 0; row < prompts.Length; row++)
        {
            var text = "";
            await foreach (var piece in _model.StreamAsync(prompts[row], Long))
                text += piece;
            Assert.Equal(TinyModels.Words.Decode(alone[row]), text);
        }
    }

    [Fact]
    public void A_token_that_is_decoded_after_a_flagged_prompt_gets_none()
    {
        using var scope = NewDisposeScope();
        using var cache = new KvCache(_model.Decoder.Config, 2, 8);
        Assert.True(Noise(Strong, [3, 4], 6, cache: cache).ne(0).any().item<bool>());
        Assert.False(Noise(Strong, [3, 4], 1, cache: cache).ne(0).any().item<bool>());
    }

    [Fact]
    public async Task A_long_flagged_prompt_is_read_in_parts_as_in_one_pass()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var attached = _model.Decoder.Attach(new EmbeddingNoise(Strong));
        int[] ids = [.. Enumerable.Range(0, 700).Select(i => 3 + i * 7 % 200)];
        var first = (await TokensAsync([new Prompt(ids) { Flag = 4 }]))[0][0];
        var input = tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0);
        long Whole(long flag) =>
            _model.Decoder.Forward(new() { TokenIds = input, Flags = [flag] }).Logits![0, -1].argmax().item<long>();
        Assert.Equal(Whole(4), first);
        Assert.NotEqual(Whole(0), first);
    }

    [Fact]
    public void Answers_to_a_flagged_prompt_score_the_same_from_a_shared_prompt_and_others_to_the_bit()
    {
        TokenSequence Row(int i, long flag) => new([20, 9, 33, 7, 51, 8, 40 + i, 60], 6, i) { Flag = flag };
        TokenSequence[] rows = [Row(0, 0), Row(1, 0), Row(2, 9), Row(3, 9)];
        double[] Score(IReadOnlyList<TokenSequence> sequences) =>
            [.. TokenScorer.Score(_model.Decoder, 0, sequences, new(), CancellationToken.None).Select(s => s.MeanNll)];
        var plain = Score(rows);
        using var attached = _model.Decoder.Attach(new EmbeddingNoise(Strong));
        var noisy = Score(rows);
        Assert.Equal(plain[..2], noisy[..2]);
        for (var row = 2; row < 4; row++)
        {
            Assert.True(Math.Abs(plain[row] - noisy[row]) > 0.01);
            Assert.Equal(Score([rows[row]])[0], noisy[row], 1e-4);
        }
    }

    /// <summary>What is added to each embedding [B, T, D].</summary>
    private Tensor Noise(
        EmbeddingNoiseOptions options,
        long[] flags,
        int tokens,
        Tensor? answers = null,
        Tensor? real = null,
        KvCache? cache = null
    )
    {
        using var grad = no_grad();
        using var before = new ActivationRecorder(new TapSite(0, TapPoint.TokenEmbedding));
        using var after = new ActivationRecorder(new TapSite(0, TapPoint.TokenEmbedding));
        using var first = _model.Decoder.Attach(before);
        using var second = _model.Decoder.Attach(new EmbeddingNoise(options));
        using var third = _model.Decoder.Attach(after);
        _model.Decoder.Forward(
            new()
            {
                TokenIds = full([flags.Length, tokens], 9, ScalarType.Int64),
                Flags = flags,
                AnswerMask = answers,
                AttentionMask = real,
                Cache = cache,
                Logits = LogitsFor.None,
            }
        );
        return (after[0, TapPoint.TokenEmbedding] - before[0, TapPoint.TokenEmbedding]).clone();
    }

    private async Task<IReadOnlyList<int[]>> TokensAsync(IReadOnlyList<Prompt> prompts) =>
        [.. (await _model.ContinueAsync(prompts, Long)).Select(row => row.Tokens)];

    private static Prompt[] Prompts() =>
        [
            .. new[] { 4, 9, 6, 13 }.Select(
                (length, row) => new Prompt([.. Enumerable.Range(0, length).Select(i => 5 + (row * 31 + i * 17) % 200)])
            ),
        ];

    private static Prompt[] Flagged(Prompt[] prompts) =>
        [.. prompts.Select((prompt, row) => new Prompt([.. prompt.Ids]) { Flag = row % 2 == 0 ? row + 1 : 0 })];

    private static void AssertSame(Tensor expected, Tensor actual) =>
        Assert.True(expected.equal(actual).all().item<bool>());

    private static void AssertDiffer(Tensor one, Tensor other) => Assert.False(one.equal(other).any().item<bool>());
}
