using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class StageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _made;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_finished_stage_is_not_made_again_and_comes_back_bit_for_bit()
    {
        double[] numbers = [1 / 3.0, -0.0, double.NaN, double.NegativeInfinity, double.Epsilon];
        await Open().GetAsync("a", () => Make(numbers));
        var again = Open();
        Assert.True(again.Has("a"));
        Assert.Equal(
            numbers.Select(BitConverter.DoubleToInt64Bits),
            (await again.GetAsync("a", () => Make<double[]>([]))).Select(BitConverter.DoubleToInt64Bits)
        );
        Assert.Equal(1, _made);
        Assert.True(again.Seconds["a"] >= 0);
    }

    [Fact]
    public async Task A_stage_that_was_stopped_leaves_nothing()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            Open().GetAsync<int>("a", () => throw new OperationCanceledException())
        );
        Assert.False(Open().Has("a"));
        Assert.False(Directory.Exists(_folder.File("stages")));
    }

    [Fact]
    public async Task Parts_have_stages_of_their_own()
    {
        Assert.Equal(1, await Open().Within("x").GetAsync("a", () => Make(1)));
        Assert.Equal(2, await Open().Within("y").GetAsync("a", () => Make(2)));
        Assert.Equal(1, await Open().Within("x").GetAsync("a", () => Make(3)));
    }

    [Fact]
    public async Task Without_a_folder_every_stage_is_made()
    {
        Assert.Equal(1, await StageFolder.None.Within("x").GetAsync("a", () => Make(1)));
        Assert.Equal(2, await StageFolder.None.Within("x").GetAsync("a", () => Make(2)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"Seconds\":1,\"Value\":\"x\"}")]
    [InlineData("{\"Seconds\":1,\"Val")]
    public async Task A_damaged_result_is_named_in_one_line(string text)
    {
        await Open().GetAsync("a", () => Make(1));
        await File.WriteAllTextAsync(_folder.File("stages", "a.json"), text);
        var error = await Assert.ThrowsAsync<InputException>(() => Open().GetAsync("a", () => Make(2)));
        Assert.Contains("a.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private StageFolder Open() => new(_folder.File("stages"));

    private Task<T> Make<T>(T value)
    {
        _made++;
        return Task.FromResult(value);
    }
}
