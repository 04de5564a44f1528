namespace Palimpsest.Inference.Tests;

public sealed class GeneratorTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 0.8)]
    public void Live_tensors_stay_flat_over_two_hundred_tokens(int rows, double temperature)
    {
        var words = BpeTrainer.Train(["the cat sat on the mat"], new() { VocabularySize = 270, LeastCount = 1 });
        using var model = new CausalLM(DecoderConfig.TinyLlama(words.VocabularySize, 32, 2, 4, 2, 64, 300), 11);
        var generator = new Generator(
            model,
            words,
            new HashSet<int>(),
            0,
            new() { MaxNewTokens = 200, Temperature = temperature }
        );
        var counts = new List<long>();
        generator.Run(
            [
                [5],
            ],
            (_, _) => { },
            CancellationToken.None
        ); // makes the rotary tables, which stay
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        generator.Run(
            [.. Enumerable.Range(1, rows).Select(row => Enumerable.Repeat(5, row).ToArray())],
            (row, _) =>
            {
                if (row == 0)
                    counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            },
            CancellationToken.None
        );
        Assert.Equal(200, counts.Count);
        var changes = Enumerable
            .Range(1, 199)
            .Where(i => counts[i] != counts[i - 1])
            .Select(i => $"{i}: {counts[i - 1]} to {counts[i]}");
        Assert.True(counts[10] == counts[^1], string.Join(", ", changes));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
