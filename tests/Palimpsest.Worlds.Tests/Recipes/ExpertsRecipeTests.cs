using Palimpsest.TestKit;

namespace Palimpsest.Worlds.Tests;

public sealed class ExpertsRecipeTests
{
    [Fact]
    public async Task Its_model_has_experts_and_is_read_again_as_it_was_trained()
    {
        using var cache = new TemporaryFolder();
        var world = World.Generate(
            new()
            {
                People = 4,
                HoldoutPeople = 0,
                WorldFacts = 4,
                ForgetShare = 0.25,
            }
        );
        var options = new WorkbenchOptions
        {
            HiddenSize = 16,
            Layers = 1,
            Epochs = 1,
            VocabularySize = 300,
        };
        var recipe = ExpertsRecipe.Create(world, ModelRole.Original, options);
        using var model = await new Workbench(cache.Path).LoadAsync(recipe);
        var experts = model.Decoder.Config.Experts!;
        Assert.Equal((8, 2), (experts.Count, experts.PerToken));
        Assert.Equal("mixtral", model.Decoder.Config.Family);
        Assert.StartsWith("experts-original-", recipe.Folder, StringComparison.Ordinal);
        Assert.NotEqual(recipe.Folder, ExpertsRecipe.Create(world, ModelRole.Retrained, options).Folder);
        var plain = PeopleRecipe.Create(world, ModelRole.Original, options);
        Assert.Equal((0, 0.01), (plain.ExpertBalance, recipe.ExpertBalance));
    }
}
