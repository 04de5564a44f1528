using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Reproductions.Tests;

public sealed class ReproductionRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Counting _claim = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_result_is_read_as_it_was_written()
    {
        var result = await Run([3, 4]);
        var read = ReproductionResult.Read(Runner.PathOf("npo"));
        Assert.Equivalent(result, read, strict: true);
        Assert.Equal(double.NaN, read.Seeds[0]["arm", "nothing"]);
        Assert.Equal(Outcome.Shown, read.Outcome);
        Assert.Equal(
            ["palimpsest", "runtime", "platform", "torchsharp", "processors", "threads"],
            read.Environment.Keys
        );
        Assert.Contains("\"outcome\": \"shown\"", File.ReadAllText(Runner.PathOf("npo")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_result_of_the_same_version_and_seeds_is_reused_unless_a_fresh_one_is_wanted()
    {
        await Run([1, 2]);
        await Run([1, 2]);
        Assert.Equal([1, 2], _claim.Measured);
        await Run([1, 2], fresh: true);
        Assert.Equal([1, 2, 1, 2], _claim.Measured);
        await Run([1, 3]);
        Assert.Equal([1, 2, 1, 2, 1, 3], _claim.Measured);
        _claim.Version++;
        await Run([1, 3]);
        Assert.Equal([1, 2, 1, 2, 1, 3, 1, 3], _claim.Measured);
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_at_the_next_seed()
    {
        using var stop = new CancellationTokenSource();
        _claim.Before = seed =>
        {
            if (seed == 3)
                stop.Cancel();
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => Run([1, 2, 3], cancellationToken: stop.Token));
        Assert.False(File.Exists(Runner.PathOf("npo")));
        _claim.Before = _ => { };
        var result = await Run([1, 2, 3]);
        Assert.Equal([1, 2, 3], _claim.Measured);
        Assert.Equal([1UL, 2UL, 3UL], result.Seeds.Select(seed => seed.Seed));
        Assert.Equal([Runner.PathOf("npo")], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"schema_version\": 1, \"id\": null}")]
    public async Task A_file_that_is_no_result_is_named(string text)
    {
        File.WriteAllText(Runner.PathOf("npo"), text);
        var error = await Assert.ThrowsAsync<InputException>(() => Run([1]));
        Assert.StartsWith(Runner.PathOf("npo"), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_result_of_another_layout_is_named()
    {
        await Run([1]);
        File.WriteAllText(
            Runner.PathOf("npo"),
            File.ReadAllText(Runner.PathOf("npo"))
                .Replace("\"schema_version\": 1", "\"schema_version\": 9", StringComparison.Ordinal)
        );
        var error = await Assert.ThrowsAsync<InputException>(() => Run([1]));
        Assert.EndsWith("schema_version is 9; allowed is 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seed_that_stands_twice_is_refused() =>
        Assert.Contains(
            "each once",
            (await Assert.ThrowsAsync<InputException>(() => Run([1, 1]))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_model_that_a_claim_needs_is_asked_for_before_anything_is_measured()
    {
        _claim.ModelNeeded = "a large one, for example ORG/NAME";
        var error = await Assert.ThrowsAsync<InputException>(() => Run([1]));
        Assert.Equal(
            "'npo' is measured on a model from elsewhere, too; --model names a large one, for example ORG/NAME.",
            error.Message
        );
        Assert.Empty(_claim.Measured);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_result_says_which_model_was_given_and_is_not_reused_for_another()
    {
        _claim.ModelNeeded = "a large one";
        var result = await Run([1], given: Given("large", "12"));
        Assert.Equal("large, sha256 12", result.Environment["model"]);
        await Run([1], given: Given("large", "12"));
        await Run([1]);
        Assert.Equal([1], _claim.Measured);
        await Run([1], given: Given("large", "34"));
        Assert.Equal([1, 1], _claim.Measured);
    }

    [Fact]
    public async Task A_model_that_no_claim_needs_is_not_recorded()
    {
        var result = await Run([1], given: Given("large", "12"));
        Assert.DoesNotContain("model", result.Environment.Keys);
        await Run([1], given: Given("large", "34"));
        Assert.Equal([1], _claim.Measured);
    }

    private static GivenModel Given(string name, string hash) =>
        new(name, hash, _ => throw new InvalidOperationException("not read here"));

    private ReproductionRunner Runner => new(_folder.Path, TimeProvider.System);

    private Task<ReproductionResult> Run(
        ulong[] seeds,
        bool fresh = false,
        GivenModel? given = null,
        CancellationToken cancellationToken = default
    ) =>
        Runner.RunAsync(
            new("npo", "unlearning", () => _claim),
            seeds,
            new(new Workbench(_folder.File("cache"))) { Given = given },
            fresh,
            cancellationToken
        );

    private sealed class Counting : IReproduction
    {
        public List<int> Measured { get; } = [];

        public Action<ulong> Before { get; set; } = _ => { };

        public int Version { get; set; } = 1;

        public string? ModelNeeded { get; set; }

        public string Claim => "a claim";

        public string Baseline => "a baseline";

        public string Setting => "a setting";

        public IReadOnlyList<Criterion> Criteria { get; } =
        [Criterion.EverySeed("the margin is not negative", values => values["arm", "margin"])];

        public Task<IReadOnlyList<Measurement>> MeasureAsync(
            ReproductionContext context,
            ulong seed,
            CancellationToken cancellationToken
        )
        {
            Before(seed);
            cancellationToken.ThrowIfCancellationRequested();
            Measured.Add((int)seed);
            return Task.FromResult<IReadOnlyList<Measurement>>([
                new("arm", "margin", 0.5 * seed),
                new("arm", "nothing", double.NaN),
            ]);
        }
    }
}
