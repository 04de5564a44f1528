using System.Text.RegularExpressions;

namespace Palimpsest.Worlds.Tests;

public sealed class ToolCallRecipeTests
{
    [Fact]
    public void The_training_rows_name_no_held_out_person_and_no_held_out_result()
    {
        var recipe = ToolCallRecipe.Create();
        var tokenizer = recipe.Tokenizer(CancellationToken.None);
        var texts = recipe.Sequences(tokenizer).Select(row => tokenizer.Decode(row.Ids)).ToArray();
        Assert.DoesNotContain(texts, text => ToolCallRecipe.HeldOutPeople.Any(person => Says(text, person)));
        Assert.DoesNotContain(texts, text => ToolCallRecipe.HeldOutAges.Any(age => Says(text, $"{age}")));
        Assert.True(ToolCallRecipe.People.All(person => texts.Any(text => Says(text, person))));
        Assert.True(ToolCallRecipe.Ages.All(age => texts.Any(text => Says(text, $"{age}"))));

        static bool Says(string text, string word) => Regex.IsMatch(text, $@"\b{word}\b");
    }

    [Fact]
    public void A_row_teaches_the_call_and_the_answer_and_neither_question_nor_result()
    {
        var recipe = ToolCallRecipe.Create();
        var tokenizer = recipe.Tokenizer(CancellationToken.None);
        var row = recipe.Sequences(tokenizer)[0];
        var learnt = row.Ids.Where((_, i) => row.IsLabelled(i)).ToArray();
        var text = tokenizer.Decode(learnt, skipSpecialTokens: false);
        Assert.Matches(
            """^<tool_call>\n\{"name": "age_of", "arguments": \{"person": "(\w+)"\}\}\n</tool_call><\|eos\|>"""
                + @"\1 \([0-9]+\)\.<\|eos\|>$",
            text
        );
    }
}
