using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class ModelRecipeTests
{
    private static readonly RecallTaskOptions Tiny = new()
    {
        Names = 8,
        Facts = 6,
        Rows = 40,
        HiddenSize = 16,
        Epochs = 1,
    };

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
            .. new[]
            {
                Tiny,
                Tiny with
                {
                    Seed = 2,
                },
                Tiny with
                {
                    Facts = 5,
                },
                Tiny with
                {
                    LearningRate = 1e-3,
                },
            }.Select(options => RecallRecipe.Create(options).Folder),
            .. new WorldOptions[]
            {
                new(),
                new() { AnswerDetails = [2] },
                new() { Strangers = 5 },
            }.Select(options => PeopleRecipe.Create(World.Generate(options), ModelRole.Original, new()).Folder),
        ];
        Assert.Equal(folders.Length, folders.Distinct().Count());
    }

    [Fact]
    public async Task A_recall_model_is_trained_once_and_has_one_id_for_every_word()
    {
        using var cache = new TemporaryFolder();
        var bench = new Workbench(cache.Path);
        var folder = await bench.GetAsync(RecallRecipe.Create(Tiny));
        var written = File.GetLastWriteTimeUtc(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(folder, await bench.GetAsync(RecallRecipe.Create(Tiny)));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(folder, "model.safetensors")));
        using var model = LanguageModel.Load(folder);
        Assert.Equal(6 + 8 + 16 + 16, model.Decoder.Config.VocabularySize);
    }
}
