namespace Palimpsest.Evaluation;

/// <summary>Spearman's ρ: linear correlation of the ranks.</summary>
public static class Spearman
{
    /// <summary>ρ in [−1, 1]; NaN when a side is constant or shorter than two.</summary>
    /// <exception cref="ArgumentException">The sides differ in length or hold NaN.</exception>
    public static double Rho(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"The sides have {first.Count} and {second.Count} values.", nameof(second));
        var (a, b) = (Ranks.Of(first), Ranks.Of(second));
        var centre = (first.Count + 1) / 2.0;
        var (product, left, right) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            product += (a[i] - centre) * (b[i] - centre);
            left += (a[i] - centre) * (a[i] - centre);
            right += (b[i] - centre) * (b[i] - centre);
        }

        return left == 0 || right == 0 ? double.NaN : product / Math.Sqrt(left * right);
    }
}
