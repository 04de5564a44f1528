namespace Palimpsest.Evaluation;

/// <summary>Kendall's τ-b: agreement of two rankings, corrected for ties.</summary>
public static class KendallTau
{
    /// <summary>τ-b in [−1, 1]; NaN when a side is constant or shorter than two.</summary>
    /// <exception cref="ArgumentException">The sides differ in length.</exception>
    public static double B(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"The sides have {first.Count} and {second.Count} values.", nameof(second));
        long score = 0,
            firstPairs = 0,
            secondPairs = 0;
        for (var i = 0; i < first.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var a = first[i].CompareTo(first[j]);
                var b = second[i].CompareTo(second[j]);
                score += a * b;
                firstPairs += a * a;
                secondPairs += b * b;
            }
        }

        return firstPairs == 0 || secondPairs == 0 ? double.NaN : score / Math.Sqrt((double)firstPairs * secondPairs);
    }
}
