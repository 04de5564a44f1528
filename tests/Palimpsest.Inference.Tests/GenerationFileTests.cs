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
    }
}
