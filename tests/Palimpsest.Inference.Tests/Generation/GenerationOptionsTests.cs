using FsCheck;
using FsCheck.Fluent;

namespace Palimpsest.Inference.Tests;

/// <summary>Every option of generation changes what comes out.</summary>
public sealed class GenerationOptionsTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );
    private static readonly GenerationOptions Drawn = new()
    {
        MaxNewTokens = 16,
        Temperature = 1,
        Seed = 4,
    };

    private readonly LanguageModel _model = new(
        new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 64), 11),
        Words,
        "tiny"
    );

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Temperature_top_k_top_p_min_p_and_the_seed_change_what_is_drawn()
    {
        var drawn = await One(Drawn);
        Assert.Equal(drawn, await One(Drawn));
        Assert.NotEqual(drawn, await One(Drawn with { Temperature = 0.2 }));
        Assert.NotEqual(drawn, await One(Drawn with { TopK = 2 }));
        Assert.NotEqual(drawn, await One(Drawn with { TopP = 0.1 }));
        Assert.NotEqual(drawn, await One(Drawn with { MinP = 0.9 }));
        Assert.NotEqual(drawn, await One(Drawn with { Seed = 5 }));
        Assert.NotEqual(drawn, await One(Drawn with { RepetitionPenalty = 1.5 }));
    }

    [Fact]
    public async Task Settings_that_leave_one_token_are_greedy()
    {
        var greedy = await One(Drawn with { Temperature = 0 });
        Assert.Equal(greedy, await One(Drawn with { TopK = 1 }));
        Assert.Equal(greedy, await One(Drawn with { TopP = 1e-9 }));
        Assert.Equal(greedy, await One(Drawn with { MinP = 1 }));
    }

    [Fact]
    public async Task A_penalty_keeps_greedy_decoding_from_saying_a_token_again()
    {
        var plain = await One(new() { MaxNewTokens = 30 });
        var penalised = await One(new() { MaxNewTokens = 30, RepetitionPenalty = 100 });
        Assert.True(plain.Distinct().Count() < plain.Length);
        Assert.True(penalised.Distinct().Count() > plain.Distinct().Count());
    }

    [Fact]
    public async Task A_stop_token_and_the_most_new_tokens_end_a_row_where_they_say()
    {
        var drawn = await One(Drawn);
        var at = Array.FindIndex(drawn, 3, id => Array.IndexOf(drawn, id) >= 3);
        Assert.Equal(drawn[..at], await One(Drawn with { StopTokens = [drawn[at]] }));
        Assert.Equal(drawn[..5], await One(Drawn with { MaxNewTokens = 5 }));
    }

    [Fact]
    public async Task A_stop_string_ends_the_reply_before_itself()
    {
        var conversation = new[] { (IReadOnlyList<Turn>)[Turn.User("the cat")] };
        var whole = (await _model.ReplyAsync(conversation, Drawn))[0];
        var stop = whole.Substring(whole.Length / 2, 2);
        var cut = (await _model.ReplyAsync(conversation, Drawn with { StopStrings = [stop] }))[0];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], cut);
        var ids = await _model.GenerateAsync(
            [_model.EncodeConversation(conversation[0], true)],
            Drawn with
            {
                StopStrings = [stop],
            }
        );
        Assert.True(ids[0].Length < Drawn.MaxNewTokens, "decoding goes on after the stop");
    }

    [Fact]
    public async Task Rows_draw_from_streams_of_their_own()
    {
        int[] prompt = Words.Encode("the cat");
        var rows = await _model.GenerateAsync([prompt, prompt], Drawn);
        Assert.NotEqual(rows[0], rows[1]);
    }

    [Fact]
    public async Task A_row_ends_at_the_models_last_position()
    {
        var prompt = Enumerable.Repeat(5, 60).ToArray();
        Assert.InRange((await _model.GenerateAsync([prompt], new() { MaxNewTokens = 50 }))[0].Length, 0, 4);
    }

    [Fact]
    public void Greedy_rows_are_the_same_alone_in_any_order_and_in_any_batch()
    {
        var prompts = Gen.Choose(3, 40)
            .Select(n => (int[])[.. Enumerable.Range(1, n % 17 + 1).Select(i => 3 + (n * 31 + i * i * 7) % 250)])
            .ListOf(5)
            .ToArbitrary();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(12),
            Prop.ForAll(
                prompts,
                list =>
                {
                    int[][] rows = [.. list];
                    if (rows.Length == 0)
                        return true;
                    var options = new GenerationOptions { MaxNewTokens = 6 };
                    var alone = _model.GenerateAsync(rows, options with { BatchSize = 1 }).GetAwaiter().GetResult();
                    var together = _model.GenerateAsync(rows, options).GetAwaiter().GetResult();
                    var reversed = _model
                        .GenerateAsync([.. rows.Reverse()], options with { BatchSize = 2 })
                        .GetAwaiter()
                        .GetResult();
                    return alone.Zip(together).All(pair => pair.First.SequenceEqual(pair.Second))
                        && alone.Reverse().Zip(reversed).All(pair => pair.First.SequenceEqual(pair.Second));
                }
            )
        );
    }

    private async Task<int[]> One(GenerationOptions options) =>
        (await _model.GenerateAsync([Words.Encode("the cat sat on")], options))[0];
}
