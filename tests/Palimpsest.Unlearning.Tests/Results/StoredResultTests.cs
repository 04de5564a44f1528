using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

/// <summary>Results of the four kinds are written, read again, and refused where their base is not.</summary>
public sealed class StoredResultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _original;

    public StoredResultTests()
    {
        _original = ResultModels.New(1);
        _original.Save(Original);
    }

    public static TheoryData<string> Kinds =>
        ["graddiff", "graddiff through an adapter", "loku", "uld", "dp2unlearning", "whp", "whp while decoding"];

    private string Original => _folder.File("original");

    public void Dispose()
    {
        _original.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_read_scores_as_what_was_written_and_answers(string kind)
    {
        var result = await RunAsync(kind);
        using var made = result as IDisposable ?? result.Model;
        var place = _folder.File("result");
        result.Save(place, _original, Original, new() { MadeBy = $"forget {kind}" });
        var job = ResultModels.Job(_original);
        IReadOnlyList<TokenSequence> rows = [.. job.Forget, .. job.Retain];
        var answering = result.Open(_original, "result");
        using var read = StoredModel.Load(place);
        var (expected, before) = (await Scores(answering, rows), await Scores(_original, rows));
        var actual = await Scores(read, rows);
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.NotEqual(before, actual, (a, b) => Math.Abs(a - b) < 1e-4);
        var reply = await read.ReplyAsync(
            [
                [Turn.User(ResultModels.Question(0))],
            ],
            new() { MaxNewTokens = 3 }
        );
        Assert.Single(reply);
        Assert.Equal($"forget {kind}", ResultRecord.Read(place)!.MadeBy);
    }

    [Theory]
    [InlineData("graddiff through an adapter")]
    [InlineData("uld")]
    public async Task A_result_whose_base_is_gone_or_of_other_weights_is_refused_by_name(string kind)
    {
        var result = await RunAsync(kind);
        using var made = result as IDisposable ?? result.Model;
        var place = _folder.File("result");
        result.Save(place, _original, Original);
        Directory.Move(Original, _folder.File("elsewhere"));
        Refusal.Of(() => StoredModel.Load(place), place, Original, "is not there");
        using (var other = ResultModels.New(2))
            other.Save(Original);
        Refusal.Of(() => StoredModel.Load(place), place, Original, ResultRecord.Read(place)!.Base!.WeightsSha256);
    }

    [Fact]
    public async Task An_adapter_that_changed_its_base_brings_it_and_fits_no_other()
    {
        var result = await RunAsync("loku");
        using var made = result.Model;
        var place = _folder.File("result");
        result.Save(place, _original, Original);
        Assert.Equal(BaseRecord.OwnFolder, ResultRecord.Read(place)!.Base!.Path);
        Directory.Delete(Original, recursive: true);
        using (StoredModel.Load(place)) { }

        _original.Save(Original);
        Refusal.Of(() => LanguageModel.Load(Original, place), place, "was made for the weights");
        using var fresh = ResultModels.New(1);
        Refusal.Of(() => LoraAdapter.Load(fresh.Decoder, place), place, "changed base");
        using var again = LanguageModel.Load(place);
        ((LoraAdapter)again.Decoder.Attachments.Single()).Save(_folder.File("copy"));
        again.Tokenizer.Save(_folder.File("copy", BaseRecord.OwnFolder));
        using var copy = StoredModel.Load(_folder.File("copy"));
        var rows = ResultModels.Job(_original).Forget;
        Assert.Equal(await Scores(again, rows), await Scores(copy, rows), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public async Task What_needs_weights_refuses_a_pair_and_an_adapter_fits_neither_a_pair_nor_an_adapter()
    {
        foreach (var kind in new[] { "uld", "graddiff through an adapter" })
        {
            var result = await RunAsync(kind);
            using var made = result as IDisposable ?? result.Model;
            result.Save(_folder.File(kind), _original, Original);
        }

        var (pair, adapter) = (_folder.File("uld"), _folder.File("graddiff through an adapter"));
        Refusal.Of(() => LanguageModel.Load(pair), pair, "2 models that answer as one by uld");
        Refusal.Of(() => StoredModel.Load(pair, adapter), pair, adapter);
        Refusal.Of(() => StoredModel.Load(adapter, adapter), "is an adapter, on which");
        File.Delete(Path.Combine(adapter, ResultRecord.FileName));
        Refusal.Of(() => StoredModel.Load(adapter), adapter, "names no base");
        Assert.Equal([adapter], ResultFolder.Models(adapter));
        Assert.Equal([Original, Path.Combine(pair, Composed.AssistantFolder)], ResultFolder.Models(pair));
    }

    [Theory]
    [InlineData("\"composer\": \"uld\"", "\"composer\": \"uldd\"", "Unknown composer 'uldd'")]
    [InlineData("\"subtraction\": 0.75", "\"subtraction\": 11", "11")]
    [InlineData("\"subtraction\"", "\"subtractions\"", "subtractions")]
    public async Task A_record_that_is_not_understood_is_refused_with_its_file(
        string written,
        string spoilt,
        string word
    )
    {
        var result = await RunAsync("uld");
        using var made = (Composed)result;
        var place = _folder.File("result");
        result.Save(place, _original, Original);
        var file = Path.Combine(place, ResultRecord.FileName);
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(written, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(written, spoilt, StringComparison.Ordinal));
        Refusal.Of(() => StoredModel.Load(place), file, word);
    }

    [Fact]
    public async Task A_lineage_names_its_ancestor_and_what_bounds_it_and_never_reads_forget_rows()
    {
        var job = ResultModels.Job(_original);
        var method = new Dp2Unlearning(new() { Epsilon = 0.5, Delta = 1e-6 });
        var result = Assert.IsType<Lineage>(await method.RunAsync(job));
        using var model = result.Model;
        var other = job with { Forget = [job.Forget[3]] };
        using var same = (await method.RunAsync(other)).Model;
        Assert.Equal(WeightHash.Of(same), WeightHash.Of(model));
        Assert.Equal(WeightHash.Of(_original.Decoder), result.Ancestor);
        var held = Assert.Single(result.StillHeldBy);
        Assert.Contains("ε = 0.5 and δ = 1E-06", held, StringComparison.OrdinalIgnoreCase);
        result.Save(_folder.File("result"), _original, Original);
        var record = ResultRecord.Read(_folder.File("result"))!;
        Assert.Equal((BaseRecord.Of(Original), result.Guarantee), (record.Base, record.Guarantee));
        await Assert.ThrowsAsync<InputException>(() => new Dp2Unlearning(new() { Epsilon = 1 }).RunAsync(job));
        await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Retain = job.Forget }));
        await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Lora = new() }));
    }

    private async Task<UnlearnResult> RunAsync(string kind)
    {
        var method =
            kind == "whp while decoding"
                ? new WhpMethod(new() { AtDecoding = true })
                : UnlearnerTests.Method(kind.Split(' ')[0]);
        var job = ResultModels.Job(_original);
        return await method.RunAsync(
            kind.EndsWith("adapter", StringComparison.Ordinal) ? job with { Lora = new() } : job
        );
    }

    private static async Task<float[]> Scores(IScoredModel model, IReadOnlyList<TokenSequence> rows) =>
        [.. (await model.ScoreAsync(rows, new())).SelectMany(score => score.LogProbabilities)];
}
