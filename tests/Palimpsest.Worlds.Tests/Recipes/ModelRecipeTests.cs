using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Tokenizers;
using Palimpsest.Training;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class ModelRecipeTests
{
    private static readonly string[] Lines = ["one two three", "two three four", "three four five"];

    [Fact]
    public void Recipes_of_people_keep_the_places_that_they_have_had_in_caches()
    {
        var world = World.Generate(new());
        Assert.Equal("original-3535d326a90378ee", PeopleRecipe.Create(world, ModelRole.Original, new()).Folder);
        Assert.Equal("retrained-ee3eb63096f844b5", PeopleRecipe.Create(world, ModelRole.Retrained, new()).Folder);
    }

    [Fact]
    public void Whatever_the_weights_depend_on_gives_another_folder()
    {
        string[] folders =
        [
            .. new WorldOptions[]
            {
                new(),
                new() { AnswerDetails = [2] },
                new() { AnswerDetails = [2, 3] },
                new() { Strangers = 5 },
            }.Select(options => PeopleRecipe.Create(World.Generate(options), ModelRole.Original, new()).Folder),
            Recipe(key: "a").Folder,
            Recipe(key: "b").Folder,
        ];
        Assert.Equal(folders.Length, folders.Distinct().Count());
    }

    [Fact]
    public async Task A_recipe_that_knows_no_world_is_trained_once_and_loaded()
    {
        using var cache = new TemporaryFolder();
        var bench = new Workbench(cache.Path);
        var folder = await bench.GetAsync(Recipe("a"));
        var written = File.GetLastWriteTimeUtc(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(folder, await bench.GetAsync(Recipe("a")));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(folder, "model.safetensors")));
        using var model = await bench.LoadAsync(Recipe("a"));
        Assert.Equal(6 + 5, model.Decoder.Config.VocabularySize);
        Assert.StartsWith("lines-", Path.GetFileName(Path.GetDirectoryName(folder)), StringComparison.Ordinal);
    }

    private static ModelRecipe Recipe(string key) =>
        new()
        {
            Name = "lines",
            Key = key,
            Tokenizer = token => WordLevelTrainer.Train(Lines, new(), token),
            Sequences = tokenizer =>
                [.. Lines.Select((line, row) => new Models.TokenSequence(tokenizer.Encode(line), 1, row))],
            Decoder = ids => Models.DecoderConfig.TinyLlama(ids, 16, 1, 2, 1, 32),
            BatchSize = 2,
            Training = new() { Epochs = 1, Seed = 3 },
        };
}
