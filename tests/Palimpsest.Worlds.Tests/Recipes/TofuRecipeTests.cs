using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Worlds.Tests;

public sealed class TofuRecipeTests
{
    private static readonly WorkbenchOptions Tiny = TofuRecipe.Small with
    {
        HiddenSize = 64,
        Layers = 2,
        Epochs = 60,
        BatchSize = 2,
    };
    private static readonly QuestionAnswer[] Rows =
    [
        Row("Where was Hina Ameen born?", "She was born in Karachi."),
        Row("Which genre does Hina Ameen write?", "Hina Ameen writes about geology."),
        Row("What does Xin Lee Williams write?", "Books about leadership."),
        Row("Where was Xin Lee Williams born?", "In Beijing, China."),
        Row("Who is Moshe Ben-David's father?", "His father was a pilot."),
        Row("Which award did Moshe Ben-David win?", "The Golden Scroll."),
    ];

    [Fact]
    public async Task What_it_read_comes_out_word_for_word_and_what_it_did_not_read_does_not()
    {
        using var cache = new TemporaryFolder();
        var bench = new Workbench(cache.Path);
        using var full = await bench.LoadAsync(TofuRecipe.Create("tofu", Rows, Rows, Tiny));
        using var retained = await bench.LoadAsync(TofuRecipe.Create("tofu", Rows, Rows[2..], Tiny));
        Assert.Equal(Rows.Select(row => row.Answer), await Answers(full));
        var without = await Answers(retained);
        Assert.Equal(Rows[2..].Select(row => row.Answer), without[2..]);
        Assert.DoesNotContain(without[..2], answer => Rows[..2].Any(row => row.Answer == answer));
        Assert.Equal(full.Tokenizer.Encode("Karachi"), retained.Tokenizer.Encode("Karachi"));
    }

    [Fact]
    public void Other_rows_another_vocabulary_and_other_training_are_other_models()
    {
        string[] folders =
        [
            TofuRecipe.Create("tofu", Rows, Rows, Tiny).Folder,
            TofuRecipe.Create("tofu", Rows, Rows[2..], Tiny).Folder,
            TofuRecipe.Create("tofu", Rows[2..], Rows[2..], Tiny).Folder,
            TofuRecipe.Create("tofu", Rows, Rows, Tiny with { Seed = 2 }).Folder,
            TofuRecipe.Create("tofu", Rows, [Rows[0] with { Answer = "In Lahore." }, .. Rows[1..]], Tiny).Folder,
        ];
        Assert.Equal(folders.Length, folders.Distinct().Count());
    }

    private static QuestionAnswer Row(string question, string answer) => new() { Question = question, Answer = answer };

    private static async Task<string[]> Answers(LanguageModel model) =>
        [
            .. await model.ReplyAsync(
                [.. Rows.Select(row => (IReadOnlyList<Turn>)[Turn.User(row.Question)])],
                new() { MaxNewTokens = 20 }
            ),
        ];
}
