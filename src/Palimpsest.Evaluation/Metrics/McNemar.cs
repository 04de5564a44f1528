namespace Palimpsest.Evaluation;

/// <summary>McNemar's exact test: do two yes/no outcomes on the same items differ?</summary>
public static class McNemar
{
    /// <summary>Two-sided p of the binomial test over the pairs that differ; 1 when none does.</summary>
    /// <param name="onlyFirst">Pairs in which only the first is yes, at least 0.</param>
    /// <param name="onlySecond">Pairs in which only the second is yes, at least 0.</param>
    public static double Exact(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var n = onlyFirst + onlySecond;
        var (tail, term) = (0.0, -n * Math.Log(2)); // log of C(n, k) / 2^n at k = 0
        for (var k = 0; k <= Math.Min(onlyFirst, onlySecond); k++)
        {
            tail += Math.Exp(term);
            term += Math.Log(n - k) - Math.Log(k + 1);
        }

        return Math.Min(1, 2 * tail);
    }
}
