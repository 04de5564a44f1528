namespace Palimpsest.Evaluation;

/// <summary>Percentile bootstrap: the spread of a statistic over resampled items.</summary>
public static class BootstrapInterval
{
    /// <summary>The central interval of the mean.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="level">Coverage in (0, 1).</param>
    /// <param name="rounds">Resamples, at least 1.</param>
    public static Interval OfMean(IReadOnlyList<double> values, int seed, double level = 0.95, int rounds = 2000) =>
        Of(
            values.Count,
            seed,
            rows =>
            {
                var sum = 0.0;
                foreach (var row in rows)
                    sum += values[row];
                return sum / rows.Length;
            },
            level,
            rounds
        );

    /// <summary>The central interval of any statistic of the drawn rows.</summary>
    /// <param name="count">Items to draw from and to draw, at least 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="statistic">A number for the drawn rows, each in [0, count).</param>
    /// <param name="level">Coverage in (0, 1).</param>
    /// <param name="rounds">Resamples, at least 1.</param>
    public static Interval Of(
        int count,
        int seed,
        Func<int[], double> statistic,
        double level = 0.95,
        int rounds = 2000
    )
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return OfSamples([count], seed, rows => statistic(rows[0]), level, rounds);
    }

    /// <summary>The central interval of a statistic of several samples, each drawn from its own items.</summary>
    /// <param name="counts">Items of each sample to draw from and to draw, each at least 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="statistic">A number for the drawn rows of each sample.</param>
    /// <param name="level">Coverage in (0, 1).</param>
    /// <param name="rounds">Resamples, at least 1.</param>
    public static Interval OfSamples(
        IReadOnlyList<int> counts,
        int seed,
        Func<int[][], double> statistic,
        double level = 0.95,
        int rounds = 2000
    )
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(statistic);
        foreach (var count in counts)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        Require.InRange(level, above: 0, atMost: 1, name: nameof(level));
        var random = new Random(seed);
        var results = new double[rounds];
        int[][] rows = [.. counts.Select(count => new int[count])];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var sample in rows)
            {
                for (var i = 0; i < sample.Length; i++)
                    sample[i] = random.Next(sample.Length);
            }

            results[round] = statistic(rows);
        }

        Array.Sort(results);
        return new(Quantile(results, (1 - level) / 2), Quantile(results, (1 + level) / 2));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 >= sorted.Length
            ? sorted[^1]
            : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }
}
