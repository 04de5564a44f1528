using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class WorkbenchTests : IDisposable
{
    private static readonly World Small = World.Generate(
        new()
        {
            People = 4,
            HoldoutPeople = 2,
            WorldFacts = 4,
            TwoHopsPerPerson = 1,
        }
    );
    private static readonly WorkbenchOptions Quick = new()
    {
        VocabularySize = 300,
        HiddenSize = 16,
        Layers = 1,
        Epochs = 1,
    };
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task A_model_is_trained_once_and_read_as_any_other_folder()
    {
        var first = new Reports();
        var folder = await new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, Quick, first);
        var second = new Reports();
        Assert.Equal(folder, await new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, Quick, second));

        Assert.NotEmpty(first.Seen);
        Assert.Empty(second.Seen);
        Assert.Equal(first.Seen[^1].Total, first.Seen[^1].Done);
        using var model = LanguageModel.Load(folder);
        Assert.Single(
            await model.ReplyAsync(
                [
                    [Turn.User(Small.Facts[0].Question)],
                ],
                new() { MaxNewTokens = 2 }
            )
        );
        Assert.Equal(["model"], Directory.GetDirectories(Path.GetDirectoryName(folder)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Several_that_ask_at_once_get_the_model_that_one_of_them_trained()
    {
        var reports = Enumerable.Range(0, 4).Select(_ => new Reports()).ToArray();
        var folders = await Task.WhenAll(
            reports.Select(r =>
                Task.Run(() => new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, Quick, r))
            )
        );
        Assert.Single(folders.Distinct());
        Assert.Single(reports, r => r.Seen.Count > 0);
    }

    [Fact]
    public async Task Training_that_was_stopped_goes_on_to_the_same_weights_and_clears_what_a_killed_process_left()
    {
        var options = Quick with { Epochs = 3 };
        using var whole = new TemporaryFolder();
        var expected = await new Workbench(whole.Path).GetAsync(Small, ModelRole.Original, options);

        using var stop = new CancellationTokenSource();
        var half = new Reports
        {
            After = report =>
            {
                if (report.Done == report.Total / 2)
                    stop.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, options, half, stop.Token)
        );
        var left = Directory.CreateDirectory(
            Path.Combine(Directory.GetDirectories(_cache.Path).Single(), "model.1.tmp")
        );
        var rest = new Reports();
        var actual = await new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, options, rest);

        Assert.InRange(rest.Seen.Count, 1, half.Seen[0].Total - half.Seen.Count);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(expected, "model.safetensors")),
            File.ReadAllBytes(Path.Combine(actual, "model.safetensors"))
        );
        Assert.False(left.Exists && Directory.Exists(left.FullName));
    }

    [Fact]
    public async Task Roles_worlds_and_options_have_models_of_their_own_and_all_roles_share_a_tokenizer()
    {
        var bench = new Workbench(_cache.Path);
        string[] folders =
        [
            await bench.GetAsync(Small, ModelRole.Original, Quick),
            await bench.GetAsync(Small, ModelRole.Retrained, Quick),
            await bench.GetAsync(Small, ModelRole.NoiseFloor, Quick),
            await bench.GetAsync(Small, ModelRole.Original, Quick with { Seed = 2 }),
            await bench.GetAsync(Small, ModelRole.Original, Quick with { LearningRate = 2e-3 }),
            await bench.GetAsync(World.Generate(Small.Options with { Seed = 2 }), ModelRole.Original, Quick),
        ];
        Assert.Equal(folders.Length, folders.Distinct().Count());
        Assert.Equal(
            folders.Length,
            folders
                .Select(f => Convert.ToHexString(File.ReadAllBytes(Path.Combine(f, "model.safetensors"))))
                .Distinct()
                .Count()
        );
        Assert.Single(folders.Take(4).Select(f => File.ReadAllText(Path.Combine(f, "tokenizer.json"))).Distinct());
    }

    [Fact]
    public async Task The_place_in_the_cache_does_not_depend_on_how_a_country_writes_numbers()
    {
        var here = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        var folder = await new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, Quick);
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(folder, await new Workbench(_cache.Path).GetAsync(Small, ModelRole.Original, Quick));
        }
        finally
        {
            CultureInfo.CurrentCulture = here;
        }
    }

    [Fact]
    public void Of_an_exchange_the_answer_alone_is_learnt_and_of_prose_all_of_it()
    {
        var tokenizer = PeopleRecipe.TrainTokenizer(Small, Quick);
        var texts = Small.TrainingTexts(withForgotten: true);
        var exchange = texts.First(text => text.Turns.Count == 2);
        var encoded = PeopleRecipe.Encode(tokenizer, exchange, row: 3);
        Assert.Equal(exchange.Turns[1].Content, tokenizer.Decode([.. encoded.Ids.Skip(encoded.LabelStart)]).Trim());
        Assert.Equal(tokenizer.EosId, encoded.Ids[^1]);
        Assert.Equal(3, encoded.Row);
        Assert.Equal(1, PeopleRecipe.Encode(tokenizer, texts.First(text => text.Turns.Count == 0), row: 0).LabelStart);
    }

    [Fact]
    public async Task A_cache_folder_that_cannot_be_made_is_named()
    {
        var file = _cache.File("occupied");
        File.WriteAllText(file, "");
        var error = await Assert.ThrowsAsync<InputException>(() =>
            new Workbench(file).GetAsync(Small, ModelRole.Original, Quick)
        );
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private sealed class Reports : IProgress<TaskProgress>
    {
        public List<TaskProgress> Seen { get; } = [];

        public Action<TaskProgress> After { get; init; } = _ => { };

        public void Report(TaskProgress value)
        {
            Seen.Add(value);
            After(value);
        }
    }
}
