using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class GenerationFileTests
{
    [Fact]
    public void Every_field_of_generation_config_survives_loading_training_and_saving()
    {
        const string Text =
            "{\n  \"do_sample\": true,\n  \"eos_token_id\": [\n    2,\n    5\n  ],\n  \"temperature\": 0.60,\n  "
            + "\"top_p\": 0.9,\n  \"unknown_field\": \"kept\"\n}\n";
        using var folder = new TemporaryFolder();
        var words = BpeTrainer.Train(["the cat sat on the mat"], new() { VocabularySize = 270 });
        using (
            var made = new LanguageModel(
                new(DecoderConfig.TinyLlama(words.VocabularySize, 16, 1, 2, 1, 16), 1),
                words,
                "made"
            )
        )
            made.Save(folder.File("first"));
        File.WriteAllText(folder.File("first", "generation_config.json"), Text);
        using var loaded = LanguageModel.Load(folder.File("first"));
        using var changed = (LanguageModel)loaded.WithDecoder(loaded.Decoder.Clone(), "changed");
        changed.Save(folder.File("second"));
        Assert.Equal(Text, File.ReadAllText(folder.File("second", "generation_config.json")));
        using var again = LanguageModel.Load(folder.File("second"));
        Assert.Superset(new HashSet<int> { 2, 5 }, new HashSet<int>(again.EndTokens));
        File.WriteAllText(folder.File("second", "generation_config.json"), """{"suppress_tokens": [1]}""");
        Refusal.Of(
            () => LanguageModel.Load(folder.File("second")).Dispose(),
            folder.File("second", "generation_config.json"),
            "suppress_tokens"
        );
        File.WriteAllText(
            folder.File("second", "generation_config.json"),
            """{"eos_token_id": [-1, 5], "pad_token_id": -1}"""
        );
        using var none = LanguageModel.Load(folder.File("second"));
        Assert.Contains(5, none.EndTokens);
        Assert.DoesNotContain(-1, none.EndTokens);
    }

    [Fact]
    public async Task A_padding_token_of_minus_one_is_none_and_rows_of_unequal_length_are_scored()
    {
        // After a token, its successor has e^4 times the weight of any other; the mean over the answer's tokens.
        double[] expected = [-0.0023, -2.5216, -2.4331, -4.0022];
        foreach (var name in (string[])["model", "model-null"])
        {
            using var model = LanguageModel.Load(GoldenFolder.Shipped("cases", "pad-minus-one", name));
            string[] answers = ["ab", "abc", "abcd", "a"];
            var scores = await model.ScoreAsync([.. answers.Select(a => model.EncodeAnswer("q", a))], new());
            Assert.All(
                scores.Zip(expected),
                pair => Assert.Equal(pair.Second, pair.First.LogProbabilities.Average(p => (double)p), 1e-4)
            );
            Assert.InRange(model.PadId, 0, model.Decoder.Config.VocabularySize - 1);
        }
    }
}
