namespace Palimpsest.Models.Tests;

public sealed class TorchThreadsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Every_part_runs_once(int parts)
    {
        var runs = new int[parts];
        TorchThreads.Run(parts, part => Interlocked.Increment(ref runs[part]));
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public void What_a_part_throws_reaches_the_caller()
    {
        var error = Assert.ThrowsAny<Exception>(() =>
            TorchThreads.Run(8, part => throw new InvalidOperationException($"part {part}"))
        );
        Assert.Contains(
            "part",
            (error as AggregateException)?.InnerException?.Message ?? error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_collection_may_come_while_parts_run()
    {
        var sums = new long[64];
        TorchThreads.Run(
            sums.Length,
            part =>
            {
                for (var i = 0; i < 2000; i++)
                    sums[part] += new int[10 + i % 7].Length;
                if (part % 8 == 0)
                    GC.Collect();
            }
        );
        Assert.All(sums, sum => Assert.Equal(sums[0], sum));
    }
}
