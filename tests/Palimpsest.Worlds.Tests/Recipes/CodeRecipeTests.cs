using Palimpsest.TestKit;

namespace Palimpsest.Worlds.Tests;

public sealed class CodeRecipeTests
{
    private static readonly CodeWorld Code = CodeWorld.Generate(new() { Seed = 3 });

    [Fact]
    public void A_world_is_fixed_by_its_options_and_names_no_function_and_no_key_twice()
    {
        Assert.Equal(Code.Functions, CodeWorld.Generate(new() { Seed = 3 }).Functions);
        Assert.NotEqual(Code.Functions, CodeWorld.Generate(new() { Seed = 4 }).Functions);
        Assert.Equal(140, Code.Functions.Select(function => function.Text.Split('(')[0]).Distinct().Count());
        Assert.Equal(100, Code.Functions.Select(Key).OfType<string>().Distinct().Count());
        Assert.Equal([12, 48, 40, 40], Enum.GetValues<CodePart>().Select(part => Code.Of(part).Count));
        Assert.All(Code.Of(CodePart.Clean), function => Assert.Null(function.Key));
        Refusal.Of(() => CodeWorld.Generate(new() { Unseen = 200 }), "225 names for functions; 300 are asked");
    }

    [Fact]
    public void Each_character_of_a_key_is_a_token_with_a_tag_and_nothing_else_has_one()
    {
        var tokenizer = CodeRecipe.Create(Code, ModelRole.Original, CodeRecipe.Models).Tokenizer(default);
        var rows = CodeRecipe.Rows(tokenizer, Code.Functions);
        foreach (var (row, function) in rows.Zip(Code.Functions))
        {
            var tagged = row.Ids.Where((_, i) => row.Tags![i] != 0).ToArray();
            Assert.Equal(Key(function) ?? "", tokenizer.Decode(tagged));
            Assert.Equal(function.Key is null ? 0 : 8, tagged.Length);
            Assert.Equal(tokenizer.EosId, row.Ids[^1]);
            Assert.Equal(row.Ids.Length - 1, row.LabelCount);
        }
    }

    [Fact]
    public void The_original_reads_all_but_the_unseen_functions_and_the_retrained_none_to_be_forgotten()
    {
        var original = CodeRecipe.Create(Code, ModelRole.Original, CodeRecipe.Models);
        var retrained = CodeRecipe.Create(Code, ModelRole.Retrained, CodeRecipe.Models);
        var tokenizer = original.Tokenizer(default);
        Assert.Equal(100, original.Sequences(tokenizer).Count);
        Assert.Equal(88, retrained.Sequences(tokenizer).Count);
        var texts = retrained.Sequences(tokenizer).Select(row => tokenizer.Decode(row.Ids)).ToArray();
        Assert.DoesNotContain(Code.Of(CodePart.Forget), gone => texts.Any(text => text.Contains(Key(gone)!)));
        Assert.NotEqual(original.Folder, retrained.Folder);
    }

    private static string? Key(CodeFunction function) =>
        function.Key is { } key ? function.Text[key.Start..key.End] : null;
}
