namespace Palimpsest.Evaluation;

/// <summary>Ranks with ties sharing their mean rank.</summary>
public static class Ranks
{
    /// <summary>The rank of each value, 1 for the smallest.</summary>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static double[] Of(IReadOnlyList<double> values)
    {
        if (values.Any(double.IsNaN))
            throw new ArgumentException("A value is NaN.", nameof(values));
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        var ranks = new double[values.Count];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && values[order[end]] == values[order[start]])
                end++;
            for (var i = start; i < end; i++)
                ranks[order[i]] = (start + 1 + end) / 2.0;
        }

        return ranks;
    }

    /// <summary>Sizes of the groups of equal values.</summary>
    public static IReadOnlyList<int> TieSizes(IReadOnlyList<double> values) =>
        [.. values.GroupBy(v => v).Select(g => g.Count()).Where(n => n > 1)];
}
