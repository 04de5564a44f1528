using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class TokenizerTrainingTests
{
    private static readonly string[] Texts =
    [
        "the cat sat on the mat",
        "the dog ate the cat's hat",
        "Ünïcödé é世界 😀 tabs\tand\nlines",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_trained_tokenizer_gives_back_every_text_and_survives_saving()
    {
        var tokenizer = BpeTrainer.Train(Texts, new() { VocabularySize = 300, LeastCount = 1 }, Cancellation);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var loaded = Tokenizer.Load(folder.Path);
        Assert.Equal(300, tokenizer.VocabularySize);
        foreach (var text in Texts.Append("new words €"))
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(1, ids[0]);
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.Equal(ids, loaded.Encode(text));
        }

        Assert.Equal((0, 1, 2), (loaded.PadId, loaded.BosId, loaded.EosId));
        Assert.Equal((3, 4), (loaded.IdOf("<|user|>"), loaded.IdOf("<|assistant|>")));
    }

    [Fact]
    public void Training_merges_the_most_frequent_pair_first()
    {
        var tokenizer = BpeTrainer.Train(
            ["aaab aaab ab"],
            new() { VocabularySize = 262, LeastCount = 1 },
            Cancellation
        );
        Assert.Equal("aa", tokenizer.TokenOf(261));
    }

    [Fact]
    public void Training_does_not_depend_on_the_order_of_the_texts()
    {
        var one = Saved(BpeTrainer.Train(Texts, new() { VocabularySize = 290 }, Cancellation));
        var other = Saved(BpeTrainer.Train(Texts.Reverse(), new() { VocabularySize = 290 }, Cancellation));
        Assert.Equal(one, other);
    }

    [Fact]
    public void Special_tokens_in_the_texts_are_not_learned_as_words()
    {
        var tokenizer = BpeTrainer.Train(
            ["<|user|>ab<|assistant|>ab"],
            new() { VocabularySize = 400, LeastCount = 1 },
            Cancellation
        );
        Assert.Equal(262, tokenizer.VocabularySize);
        Assert.Equal([3, 261, 4, 261], tokenizer.Encode("<|user|>ab<|assistant|>ab", addSpecialTokens: false));
    }

    [Fact]
    public void A_text_of_known_words_survives_the_word_level_tokenizer()
    {
        string[] texts = ["Ann's dog, Rex, was born in Oslo.\nWho knows?", "Who was born in Rome? Ann."];
        var tokenizer = WordLevelTrainer.Train(texts, new(), Cancellation);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var loaded = Tokenizer.Load(folder.Path);
        foreach (var text in texts)
        {
            Assert.Equal(text, loaded.Decode(loaded.Encode(text)));
            Assert.Equal(tokenizer.Encode(text), loaded.Encode(text));
        }

        Assert.Equal([1, 5], tokenizer.Encode("unheard"));
        Assert.Equal("<|unk|>", tokenizer.TokenOf(5));
    }

    [Fact]
    public void Words_come_by_frequency_and_rare_ones_are_unknown()
    {
        var tokenizer = WordLevelTrainer.Train(["b b a a a c"], new() { LeastCount = 2 }, Cancellation);
        Assert.Equal(8, tokenizer.VocabularySize);
        Assert.Equal(["▁a", "▁b"], [tokenizer.TokenOf(6), tokenizer.TokenOf(7)]);
        Assert.Equal([6, 5], tokenizer.Encode("a c", addSpecialTokens: false));
    }

    [Fact]
    public void A_trained_tokenizer_renders_conversations()
    {
        var tokenizer = WordLevelTrainer.Train(["Who are you? Me."], new(), Cancellation);
        var text = tokenizer.ChatTemplate!.Render([Turn.User("Who?")], addGenerationPrompt: true);
        Assert.Equal("<|bos|><|user|>Who?<|assistant|>", text);
        Assert.Equal(
            [1, 3, tokenizer.IdOf("▁Who")!.Value, tokenizer.IdOf("?")!.Value, 4],
            tokenizer.Encode(text, addSpecialTokens: false)
        );
    }

    [Fact]
    public void Nothing_to_train_on_is_an_error()
    {
        Assert.Throws<InputException>(() => BpeTrainer.Train([], new(), Cancellation));
        Assert.Throws<InputException>(() => WordLevelTrainer.Train([""], new(), Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BpeTrainerOptions { VocabularySize = 100 });
    }

    private static string Saved(Tokenizer tokenizer)
    {
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        return File.ReadAllText(folder.File("tokenizer.json"));
    }
}
